package theory

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

func TestOptimalityMeasured(t *testing.T) {
	m, err := measureOptimality(t.Context(), Effort{Seed: 3, Quick: true})
	if err != nil || m.Instances != 12 || !(m.Residual < 1e-10) || m.Fails() || !strings.Contains(m.Note, "dense spectrum") {
		t.Errorf("%+v, %v", m, err)
	}
}

// Thm 8 grants that every point is in one of the three cases, and the ensemble
// has points of all three.
func TestStrictSaddleMeasured(t *testing.T) {
	m, err := measureStrictSaddle(t.Context(), Effort{Seed: 3, Quick: true})
	if err != nil {
		t.Fatal(err)
	}
	if m.Instances < 60 || m.Violations != 0 || m.Fails() || m.Proportion == nil || m.Proportion.Successes != m.Instances {
		t.Errorf("%+v", m)
	}
	for _, never := range []string{" 0 with a large", " 0 with negative", " 0 near"} {
		if strings.Contains(m.Note, never) {
			t.Errorf("a case is never met: %s", m.Note)
		}
	}
	again, err := measureStrictSaddle(t.Context(), Effort{Seed: 3, Quick: true})
	if err != nil || again.Note != m.Note || again.Instances != m.Instances {
		t.Errorf("the same effort gives %+v, %v and %+v", m, err, again)
	}
}

func TestCertificateItemsCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, item := range certificateItems() {
		if _, err := item.Measure(ctx, Effort{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want the context's error", item.Name, err)
		}
	}
}

// The smallest eigenvalue of M*, in closed form, against the curvature at 0: with
// δ = 0 the Hessian of ½‖UUᵀ − M*‖² at 0 is −2M* in each column.
func TestPerturbedIdentity(t *testing.T) {
	p, sigma, err := perturbedIdentity(5, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	truth, _ := lr.TruthOf(p)
	m := truth.Dense()
	best := math.Inf(1) // the least of ⟨x, M*x⟩/⟨x, x⟩ in the range of M*, over angles
	for k := range 20_000 {
		c, s := math.Cos(float64(k)*math.Pi/20_000), math.Sin(float64(k)*math.Pi/20_000)
		x := make([]float64, 8)
		var xx, xmx float64
		for i := range x {
			x[i] = c*truth.U.At(i, 0) + s*truth.U.At(i, 1)
			xx += x[i] * x[i]
		}
		for i := range x {
			for j := range x {
				xmx += x[i] * m.At(i, j) * x[j]
			}
		}
		best = math.Min(best, xmx/xx)
	}
	if math.Abs(best-sigma) > 1e-6*sigma {
		t.Errorf("σr* = %g, by a search %g", sigma, best)
	}
	if items := certificateItems(); !slices.ContainsFunc(items, func(i Item) bool { return i.Name == "[G] Def 1" }) {
		t.Error("Def 1 is not in the list")
	}
}
