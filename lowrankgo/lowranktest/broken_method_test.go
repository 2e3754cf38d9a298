package lowranktest_test

import (
	"context"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

// badMethod is gradient descent with a fault.
type badMethod struct {
	solver.GD
	writeX0, late, still, allocate, leak bool
	forget, long, moves                  bool
	options                              lowranktest.MethodOptions
}

type badStepper struct {
	lr.Stepper
	badMethod
	eval lr.Evaluator
	x0   *lr.Factors
	info lr.Info
	sink []float64
}

func brokenMethod(fault func(*badMethod)) func(t *testing.T) {
	return func(t *testing.T) {
		var m badMethod
		fault(&m)
		p := good(t)
		x0, err := initial.Random{Seed: 2}.Point(p)
		if err != nil {
			t.Fatal(err)
		}
		lowranktest.TestMethod(t, m, p, x0, m.options)
	}
}

func (m badMethod) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	s, err := m.GD.Start(p, x0)
	if m.leak {
		go func() { select {} }()
	}
	return &badStepper{Stepper: s, badMethod: m, eval: p.NewEval(), x0: x0}, err
}

func (s *badStepper) Step(ctx context.Context) error {
	if s.still {
		return lr.ErrNoProgress
	}
	if s.writeX0 {
		s.x0.U.Set(0, 0, 0)
	}
	if s.allocate {
		s.sink = make([]float64, 10)
	}
	if s.long {
		for range 50 {
			s.eval.Grad(nil, s.Point())
		}
	}
	s.info = s.Stepper.Info()
	if s.moves && ctx.Err() != nil {
		_ = s.Stepper.Step(context.Background())
		return ctx.Err()
	}
	return s.Stepper.Step(ctx)
}

// State passes on that of GD, or only the point.
func (s *badStepper) State() []any {
	if s.forget {
		return []any{s.Point()}
	}
	return s.Stepper.(lr.Saver).State()
}

func (s *badStepper) Info() lr.Info {
	if s.late && s.info.Evals > 0 {
		return s.info
	}
	return s.Stepper.Info()
}

// brokenMonotone claims of a method with momentum that the loss never rises.
func brokenMonotone(t *testing.T) {
	p := good(t)
	x0, err := initial.Random{Seed: 2}.Point(p)
	if err != nil {
		t.Fatal(err)
	}
	lowranktest.TestMethod(t, solver.Accelerated{Restart: solver.RestartNever}, p, x0, lowranktest.MethodOptions{Monotone: true, Endless: true})
}

func brokenRefusal(t *testing.T) {
	p := good(t)
	lowranktest.TestRefuses(t, solver.GD{}, p, lr.NewPoint(p), lr.AbilityBatches)
}
