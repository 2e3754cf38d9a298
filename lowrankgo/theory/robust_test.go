package theory

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"gonum.org/v1/gonum/mat"
)

// measuredItem is a quick measurement of the item of a name.
func measuredItem(t *testing.T, items []Item, name string, seed uint64) Measurement {
	t.Helper()
	i := slices.IndexFunc(items, func(i Item) bool { return i.Name == name })
	if i < 0 {
		t.Fatalf("there is no item %s", name)
	}
	m, err := items[i].Measure(context.Background(), Effort{Seed: seed, Quick: true})
	if err != nil {
		t.Fatalf("%s, seed %d: %v", name, seed, err)
	}
	return m
}

// same compares measurements as they are printed: a NaN is a NaN.
func same(a, b Measurement) bool {
	for _, m := range []*Measurement{&a, &b} {
		for _, v := range []*float64{&m.Residual, &m.Closest} {
			if math.IsNaN(*v) {
				*v = -1
			}
		}
	}
	return reflect.DeepEqual(a, b)
}

// Each item is measured without a contradiction, the same for the same seed, and
// ends with its context.
func TestAsymptoticItems(t *testing.T) {
	items := slices.Concat(completionItems(), factorisationItems(), robustItems())
	for _, item := range items {
		t.Run(item.Name, func(t *testing.T) {
			for _, seed := range []uint64{1, 2} {
				m := measuredItem(t, items, item.Name, seed)
				if m.Fails() || m.Instances < 1 {
					t.Errorf("seed %d: %+v", seed, m)
				}
				if c := m.Constant; c != nil && !(c.Low <= c.Value && c.Value <= c.High && c.High > 0) {
					t.Errorf("seed %d: constant %+v", seed, *c)
				}
				if math.IsNaN(m.Residual) && m.Constant == nil && m.Proportion == nil {
					t.Errorf("seed %d: nothing was measured: %+v", seed, m)
				}
				if again := measuredItem(t, items, item.Name, seed); !same(m, again) {
					t.Errorf("seed %d: measured %+v and %+v", seed, m, again)
				}
			}
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			if _, err := item.Measure(ctx, Effort{Seed: 1, Quick: true}); !errors.Is(err, context.Canceled) && !errors.Is(err, lr.ErrCanceled) {
				t.Errorf("with an ended context: %v", err)
			}
		})
	}
}

// Truncated data recover M* and S* fits under the cap; untruncated ones do not
// recover.
func TestTruncation(t *testing.T) {
	for seed := range uint64(3) {
		got, err := truncated(context.Background(), seed)
		if err != nil {
			t.Fatal(err)
		}
		if got.outside != 0 || got.cut > 1e-6 || got.raw < 1 {
			t.Errorf("seed %d: %+v; want no entry outside, an error of 0 truncated and a large one not", seed, got)
		}
	}
}

// A maximum flow gains something, and no more than the best; its entries fit.
func TestFlowShare(t *testing.T) {
	for seed := range uint64(20) {
		if s, err := flowShare(context.Background(), seed); err != nil || !(s > 0 && s <= 1) {
			t.Errorf("seed %d: share %v, %v", seed, s, err)
		}
	}
	// Every entry of the flow has a row and a column of its own, as many as fit.
	x := mat.NewDense(3, 3, []float64{1, 1, 0, 1, 0, 0, 0, 1, 1})
	rowOf := []int{-1, -1, -1}
	for i := range 3 {
		if !augment(x, rowOf, make([]bool, 3), i) {
			t.Errorf("no room for row %d beside %v", i, rowOf)
		}
	}
	for j, i := range rowOf {
		if i < 0 || x.At(i, j) == 0 || slices.Index(rowOf, i) != j {
			t.Errorf("the flow is %v", rowOf)
		}
	}
}

// The budgets of the grid are γα·μr·κ*⁵ by their own numbers, and runs succeed
// where it is small.
func TestBudget(t *testing.T) {
	p, s, err := robustOf(problem.RandomRobustPCA{D1: 20, Rank: 2, Kappa: 2, Alpha: 0.1, Gamma: 1.5, Symmetric: true, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	n, err := landscape.SparseDistance(p, s.Truth())
	if err != nil {
		t.Fatal(err)
	}
	mu, err := landscape.Incoherence(s.Truth(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if want := 1.5 * 0.1 * mu.Mu * 2 * 32; math.Abs(n.Budget-want) > 1e-9*want {
		t.Errorf("budget %v, want %v", n.Budget, want)
	}
	m := measuredItem(t, robustItems(), "[G] Lemma 14, Thms 15 and 5: budget", 1)
	if m.Constant.Value < 0.2 || m.Proportion.Successes == 0 || m.Proportion.Successes == m.Proportion.Trials {
		t.Errorf("%+v, %v: want runs that recover, all of them at small budgets, and runs that do not", *m.Constant, *m.Proportion)
	}
}

// robustOf's S* lies in the set of its problem.
func TestRobustOfFits(t *testing.T) {
	for seed := range uint64(6) {
		_, s, err := robustCase(seed, seed%2 == 0)
		if err != nil {
			t.Fatal(err)
		}
		set, truth := s.Split().Set, s.Split().Truth
		kept, err := sparse.Project(context.Background(), truth, set, sparse.Exact)
		if err != nil {
			t.Fatal(err)
		}
		if d := sparse.Distance(truth, kept); d > 1e-12 || truth.NNZ() == 0 {
			t.Errorf("seed %d: S* of %d entries is %g from the set", seed, truth.NNZ(), d)
		}
	}
}
