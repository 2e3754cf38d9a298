package theory

import (
	"context"
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// Every objective's derivatives agree with its values far beyond what a
// difference of first order would show.
func TestObjectives(t *testing.T) {
	for _, item := range append(objectivesOfG(), objectivesOfL()...) {
		for _, e := range []Effort{{Seed: 3}, {Seed: 4, Quick: true}} {
			m, err := item.Measure(t.Context(), e)
			if err != nil || !(m.Residual < 1e-9) || m.Instances != e.instances(20) || m.Note == "" {
				t.Errorf("%s, seed %d: %+v, %v", item.Name, e.Seed, m, err)
			}
			again, err := item.Measure(t.Context(), e)
			if err != nil || again.Residual != m.Residual {
				t.Errorf("%s: %v, then %v, %v", item.Name, m.Residual, again.Residual, err)
			}
		}
	}
}

// wrong is ½‖UVᵀ‖² with an error in what is asked for.
func wrong(gradient, hessian float64) lr.Problem {
	right, err := problem.Factorisation{A: mat.NewDense(3, 3, nil), Rank: 1}.New()
	if err != nil {
		panic(err)
	}
	return lr.Funcs{
		D1: 3, D2: 3, Rank: 1,
		GradFunc: func(dst, x *lr.Factors) float64 {
			v := right.NewEval().Grad(dst, x)
			if dst != nil {
				dst.Scale(1 + gradient)
			}
			return v
		},
		HessFunc: func(dst, x, d *lr.Factors) {
			e, _ := lr.HessVecOf(right)
			e.HessVec(dst, x, d)
			dst.Scale(1 + gradient + hessian)
		},
	}
}

// A wrong gradient, or a wrong Hessian product, is as large a residual as it is
// wrong.
func TestDerivativesSeeErrors(t *testing.T) {
	for _, c := range []struct{ gradient, hessian float64 }{{0, 0}, {1e-6, 0}, {0, 1e-6}} {
		p := wrong(c.gradient, c.hessian)
		rng := lr.Stream(1, "wrong")
		x, d := normalPoint(rng, p, 1), normalPoint(rng, p, 2)
		g, h, err := derivatives(p, x, d)
		if err != nil || (g > 1e-8) != (c.gradient > 0) || (h > 1e-8) != (c.hessian > 0) || g > 2e-6 || h > 2e-6 {
			t.Errorf("%+v: residuals %v and %v, %v", c, g, h, err)
		}
	}
	if _, _, err := derivatives(lr.Funcs{D1: 1, D2: 1, Rank: 1, GradFunc: func(dst, x *lr.Factors) float64 { return 0 }}, lr.NewFactors(1, 1, 1), lr.NewFactors(1, 1, 1)); !errors.Is(err, lr.ErrAbility) {
		t.Error(err)
	}
}

// The sums of the weights say for which polynomials the stencil is exact.
func TestStencil(t *testing.T) {
	for power, want := range []float64{0, 1, 0, 0, 0} {
		var sum float64
		for _, s := range stencil {
			sum += s.w * math.Pow(s.t, float64(power))
		}
		if math.Abs(sum-want) > 1e-15 {
			t.Errorf("of t^%d it is %v, want %v", power, sum, want)
		}
	}
}

func TestDerivativesEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := checkDerivatives(balancedSensing)(ctx, Effort{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	bad := errors.New("none")
	if _, err := checkDerivatives(func(uint64) (lr.Problem, error) { return nil, bad })(t.Context(), Effort{}); !errors.Is(err, bad) {
		t.Error(err)
	}
}
