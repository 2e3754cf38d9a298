package theory

import (
	"context"
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
)

func TestFigure1(t *testing.T) {
	m, err := measureFigure1(t.Context(), Effort{})
	if err != nil || !(m.Residual < 1e-14) || m.Instances != 2*41*41 {
		t.Errorf("%+v, %v", m, err)
	}
	// The marked points are what the figure says: minimisers, and a saddle.
	for _, mu := range []float64{0, 1.0 / 16} {
		p, err := figure1(mu)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			u, v, low, high float64
		}{{1, 1, 4 * mu, 2}, {-1, -1, 4 * mu, 2}, {0, 0, -1, 1}} {
			x := lr.NewFactors(1, 1, 1)
			x.U.Set(0, 0, c.u)
			x.V.Set(0, 0, c.v)
			values, err := landscape.HessianEigenvalues(t.Context(), p, x)
			if err != nil || math.Abs(values[0]-c.low) > 1e-12 || math.Abs(values[1]-c.high) > 1e-12 {
				t.Errorf("μ = %v at (%v, %v): eigenvalues %v, want %v and %v; %v", mu, c.u, c.v, values, c.low, c.high, err)
			}
		}
	}
}

func TestFigure2(t *testing.T) {
	m, err := measureFigure2(t.Context(), Effort{Seed: 1, Quick: true})
	if err != nil || m.Instances != 1 || m.Proportion.Successes != 1 {
		t.Errorf("%+v, %v", m, err)
	}
	// A smaller instance with the weight that balances most.
	p, err := problem.GaussianSensing{D1: 8, D2: 10, Rank: 1, M: 150, Seed: 1}.New()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := figure2(ctx, p, 0.1, 1); !errors.Is(err, lr.ErrCanceled) {
		t.Error(err)
	}
	if n, ok, err := figure2(t.Context(), p, 0.1, 1); err != nil || !ok || n%20 != 0 || n > 5000 {
		t.Errorf("%d iterations, %t, %v", n, ok, err)
	}
	// Five measurements do not determine the matrix.
	if p, err = (problem.GaussianSensing{D1: 8, D2: 10, Rank: 1, M: 5, Seed: 1}).New(); err != nil {
		t.Fatal(err)
	}
	if n, ok, err := figure2(t.Context(), p, 0, 1); err != nil || ok || n != 5000 {
		t.Errorf("%d iterations, %t, %v", n, ok, err)
	}
}
