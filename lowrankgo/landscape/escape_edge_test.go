package landscape_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

// fuse is a context that ends when it has been looked at so many times.
type fuse struct {
	context.Context
	left int
}

func (f *fuse) Err() error {
	if f.left--; f.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestEscapeGivesUpAnywhere: wherever the context ends, the error says so; with
// enough time there is none.
func TestEscapeGivesUpAnywhere(t *testing.T) {
	c := strictSaddles(t)[0]
	for looks := range 200 {
		e, err := landscape.Escape(&fuse{context.Background(), looks}, c.p, c.x)
		if err == nil {
			if looks < 5 {
				t.Errorf("only %d looks at the context", looks)
			}
			checkEscaped(t, c.p, c.x, e)
			return
		}
		if e != nil || !errors.Is(err, lr.ErrCanceled) {
			t.Fatalf("given up after %d looks: %v, %v", looks, e, err)
		}
	}
	t.Error("200 looks at the context are not enough")
}

// TestNuclearGapGivesUpAnywhere: so it is for a norm that is estimated.
func TestNuclearGapGivesUpAnywhere(t *testing.T) {
	p := built(problem.RandomCompletion{D1: 300, D2: 200, Rank: 2, P: 0.05, Seed: 1}.New())(t)
	for looks := range 100 {
		g, err := landscape.NuclearGap(&fuse{context.Background(), looks}, p, lr.NewPoint(p), 1)
		if err == nil {
			if looks < 10 || g.Exact {
				t.Errorf("%d looks at the context, exact %t", looks, g.Exact)
			}
			return
		}
		if g != nil || !errors.Is(err, context.Canceled) {
			t.Fatalf("given up after %d looks: %v, %v", looks, g, err)
		}
	}
	t.Error("100 looks at the context are not enough")
}

// hill is −u², beside a constant, of a symmetric 1×1 matrix.
func hill(constant float64) lr.Funcs {
	return lr.Funcs{Sym: true, D1: 1, Rank: 1,
		GradFunc: func(dst, x *lr.Factors) float64 {
			if dst != nil {
				dst.CopyFrom(x)
				dst.Scale(-2)
			}
			return constant - x.Dot(x)
		},
		HessFunc: func(dst, _, d *lr.Factors) { dst.CopyFrom(d); dst.Scale(-2) },
	}
}

func TestEscapeLostToRounding(t *testing.T) {
	p := hill(1e18)
	_, err := landscape.Escape(context.Background(), p, lr.NewPoint(p))
	if !errors.Is(err, lr.ErrNoProgress) || !strings.Contains(err.Error(), "lost to rounding") {
		t.Errorf("beside the value 1e18: %v", err)
	}
}

func TestEscapePanics(t *testing.T) {
	p := hill(0)
	p.HessFunc = func(_, _, _ *lr.Factors) { panic("no second derivatives today") }
	if _, err := landscape.Escape(context.Background(), p, lr.NewPoint(p)); !errors.Is(err, lr.ErrFailed) || !strings.Contains(err.Error(), "today") {
		t.Errorf("a problem that panics: %v", err)
	}
}

// TestEscapeByGradients: a problem without Hessian products is escaped from by
// differences of gradients.
func TestEscapeByGradients(t *testing.T) {
	c := strictSaddles(t)[0]
	d1, d2, r := c.p.Dims()
	p := lr.Funcs{D1: d1, D2: d2, Rank: r, GradFunc: func(dst, x *lr.Factors) float64 { return c.p.NewEval().Grad(dst, x) }}
	checkEscaped(t, p, c.x, built(landscape.Escape(context.Background(), p, c.x))(t))
}

func TestNuclearGapWithoutProducts(t *testing.T) {
	p := hill(0)
	p.IsConvex = true // a lie, but there are no products to use it with
	if _, err := landscape.NuclearGap(context.Background(), p, lr.NewPoint(p), 1); !errors.Is(err, lr.ErrAbility) || !strings.Contains(err.Error(), lr.AbilityMulGrad.String()) {
		t.Errorf("without products: %v", err)
	}
	cert := built(landscape.Certify(context.Background(), p, lr.NewPoint(p), nil))(t)
	if cert.Gap != nil {
		t.Errorf("the certificate has a gap: %v", *cert.Gap)
	}
}

// silent is GD that does not tell its gradient norm; it starts at most so often.
type silent struct{ starts *int }

func (silent) Name() string { return "silent" }

func (s silent) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	if *s.starts--; *s.starts < 0 {
		return nil, errors.New("it is too late to start")
	}
	st, err := solver.GD{}.Start(p, x0)
	return silentState{st}, err
}

type silentState struct{ lr.Stepper }

func (s silentState) Info() lr.Info {
	i := s.Stepper.Info()
	i.GradNorm = math.NaN()
	return i
}

// TestEscapingWithoutGradients: a method that knows no gradient norm is helped
// where it makes no progress; one that does not start again fails the run.
func TestEscapingWithoutGradients(t *testing.T) {
	c := strictSaddles(t)[0]
	starts := 10
	res := built(lr.Solve(context.Background(), c.p, landscape.Escaping{Method: silent{&starts}}, c.x, &lr.Options{Stop: lr.StalledFor(20, 1e-14), MaxIter: 5000}))(t)
	if want := leastValue(t, c); math.Abs(res.Trace.Last().Loss-want) > 1e-9*(1+want) {
		t.Errorf("it ends at %g, want %g", res.Trace.Last().Loss, want)
	}
	starts = 1
	_, err := lr.Solve(context.Background(), c.p, landscape.Escaping{Method: silent{&starts}}, c.x, nil)
	if !errors.Is(err, lr.ErrFailed) || !strings.Contains(err.Error(), "after an escape") {
		t.Errorf("a method that does not start again: %v", err)
	}
}
