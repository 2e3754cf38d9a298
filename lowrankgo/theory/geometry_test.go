package theory

import (
	"context"
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
)

// holdItems measures each item quickly: nothing is contradicted, the same effort
// gives the same numbers, another seed others, and an ended context ends it.
func holdItems(t *testing.T, items []Item) {
	t.Helper()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, item := range items {
		t.Run(item.Name, func(t *testing.T) {
			e := Effort{Seed: 3, Quick: true}
			m, err := item.Measure(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			if m.Fails() || m.Instances < 1 {
				t.Errorf("%+v", m)
			}
			if math.IsNaN(m.Residual) && math.IsNaN(m.Closest) && m.Proportion == nil && m.Constant == nil {
				t.Errorf("nothing is measured: %+v", m)
			}
			again, err := item.Measure(t.Context(), e)
			if err != nil || Summary(again, "\n", nil) != Summary(m, "\n", nil) || again.Met != m.Met {
				t.Errorf("%+v, then %+v, %v", m, again, err)
			}
			if _, err := item.Measure(ended, e); !errors.Is(err, context.Canceled) {
				t.Errorf("an ended context: %v", err)
			}
			if item.Statement == "" || len(item.Functions) == 0 || len(item.Tests) == 0 {
				t.Errorf("incomplete: %+v", item)
			}
		})
	}
}

func TestGeometryItems(t *testing.T) { holdItems(t, geometryItems()) }

func TestSensingItems(t *testing.T) { holdItems(t, sensingItems()) }

// TestSpectralNormsFail: what Lemma 6 says is false in spectral norms on some
// instances, among them the first.
func TestSpectralNormsFail(t *testing.T) {
	x, truth, err := landscape.ProductExtreme(2)
	if err != nil {
		t.Fatal(err)
	}
	product, factor, err := landscape.SpectralDistanceBounds(x, truth)
	if err != nil {
		t.Fatal(err)
	}
	if product.Left < 4-1e-12 || product.Right > 2+1e-12 || product.Holds(1e-3) {
		t.Errorf("want 4 ≤ 2 to fail: %v", product)
	}
	if factor.Holds(1e-3) {
		t.Errorf("the second bound holds at U ⊥ U*: %v", factor)
	}
	m, err := measureSpectralBounds(t.Context(), Effort{Seed: 1})
	if err != nil || m.Proportion == nil || m.Proportion.Successes > m.Instances*99/100 || m.Proportion.Successes == 0 {
		t.Errorf("%+v, %v; some instances should fail, and some hold", m, err)
	}
}

// TestGaussianIsometry: 2,000 Gaussian measurements of 10×10 matrices are no
// (2, 1/10)-isometry; 20,000 may be, as far as the search sees.
func TestGaussianIsometry(t *testing.T) {
	few, err := measureGaussianIsometry(t.Context(), Effort{Seed: 1, Quick: true})
	if err != nil {
		t.Fatal(err)
	}
	if c := few.Constant; c.Low < 0.2 || c.High > 0.5 {
		t.Errorf("2,000 measurements: %+v", c)
	}
	op, err := operator.NewGaussian(10, 10, 20000, 1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := landscape.RIPLowerBound(t.Context(), op, 2, &landscape.RIPOptions{Starts: 4})
	if err != nil || b.Delta < 0.07 || b.Delta > 0.12 {
		t.Errorf("20,000 measurements: %v, %v; about 0.095 is wanted", b, err)
	}
}

// TestTally: what a tally makes of checks.
func TestTally(t *testing.T) {
	yes := landscape.Hypothesis{Name: "yes", Holds: landscape.Yes}
	no := landscape.Hypothesis{Name: "no", Holds: landscape.No}
	tall := newTally()
	tall.add(landscape.Check{Left: 1, Right: 1 + 1e-12, Scale: 1})
	tall.add(landscape.Check{Left: 1, Right: 2, Scale: 3, Relation: landscape.AtMost, Hypotheses: []landscape.Hypothesis{yes}})
	tall.add(landscape.Check{Left: 3, Right: 2, Scale: 5, Relation: landscape.AtMost, Hypotheses: []landscape.Hypothesis{no}})
	if m := tall.m; m.Violations != 0 || m.Closest != 0.5 || !(m.Residual > 0 && m.Residual < 1e-11) {
		t.Errorf("%+v", m)
	}
	if got := tall.describeMet(); got != "all on 1, some unknown on 0, one not met on 1" {
		t.Error(got)
	}
	tall.add(landscape.Check{Left: -4, Right: -3, Scale: 7, Relation: landscape.AtMost})
	tall.add(landscape.Check{Left: 2e-12, Right: 1e-12, Scale: 1, Relation: landscape.AtMost}) // rounding
	if m := tall.m; m.Violations != 0 || m.Closest != 0.75 {
		t.Errorf("%+v", m)
	}
	tall.add(landscape.Check{Left: 3, Right: 2, Scale: 5, Relation: landscape.AtMost})
	if m := tall.m; m.Violations != 1 || m.Closest != 1.5 {
		t.Errorf("%+v", m)
	}
	if orLarger(math.NaN(), 1) != 1 || orLarger(2, 1) != 2 || !math.IsNaN(orLarger(2, math.NaN())) {
		t.Error("orLarger")
	}
	broken := errors.New("broken")
	m, err := newTally().ensemble(t.Context(), 5, func(i int) error {
		if i == 3 {
			return broken
		}
		return nil
	})
	if !errors.Is(err, broken) || m.Instances != 3 {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestStepsDown: the points of the chains that are on their way have a smaller
// value.
func TestStepsDown(t *testing.T) {
	rng := lr.Stream(1, "descend")
	p, _, err := isometryAtLimit(rng, false)
	if err != nil {
		t.Fatal(err)
	}
	x := normalPoint(rng, p, 1)
	before := p.NewEval().Grad(nil, x)
	stepsDown(p, x, 50)
	if after := p.NewEval().Grad(nil, x); !(after < before/10) {
		t.Errorf("from %v to %v", before, after)
	}
}
