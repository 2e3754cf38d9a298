package landscape

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// naiveAligned is the least ‖W − W*R‖ over rotations and reflections of the
// plane, by a search over angles.
func naiveAligned(w, ws *mat.Dense) float64 {
	least := math.Inf(1)
	at := func(angle, sign float64) float64 {
		c, s := math.Cos(angle), math.Sin(angle)
		r := mat.NewDense(2, 2, []float64{c, -sign * s, s, sign * c})
		var gap mat.Dense
		gap.Mul(ws, r)
		gap.Sub(w, &gap)
		return mat.Norm(&gap, 2)
	}
	for _, sign := range []float64{1, -1} {
		best := 0.0
		for k := range 720 {
			if angle := float64(k) * math.Pi / 360; at(angle, sign) < at(best, sign) {
				best = angle
			}
		}
		for step := math.Pi / 720; step > 1e-10; step /= 2 {
			for at(best+step, sign) < at(best, sign) {
				best += step
			}
			for at(best-step, sign) < at(best, sign) {
				best -= step
			}
		}
		least = min(least, at(best, sign))
	}
	return least
}

// TestDistance compares with a search over the plane's rotations, and balanced
// factors with what they must be.
func TestDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := lr.Stream(rapid.Uint64().Draw(t, "seed"), "distance")
		d1, d2 := rapid.IntRange(2, 9).Draw(t, "d1"), rapid.IntRange(2, 9).Draw(t, "d2")
		x := &lr.Factors{U: lr.NormalMatrix(rng, d1, 2)}
		truth := &lr.Factors{U: lr.NormalMatrix(rng, d1, 2)}
		if rapid.Bool().Draw(t, "two factors") {
			x.V, truth.V = lr.NormalMatrix(rng, d2, 2), lr.NormalMatrix(rng, d2, 2)
			truth.U.Scale(100, truth.U) // out of balance
		}
		s := newSolution(truth)
		if e := lr.RelErr(s.x, truth); e > 1e-13 {
			t.Fatalf("balanced factors are %g off", e)
		}
		if s.x.V != nil && imbalance(s.x) > 1e-11*s.norm*s.norm {
			t.Fatalf("imbalance %g", imbalance(s.x))
		}
		got, length := s.distance(x, Orthogonal)
		if want := naiveAligned(stacked(x), stacked(s.x)); math.Abs(got-want) > 1e-6*(1+want) {
			t.Fatalf("distance %g, want %g", got, want)
		}
		if length != s.norm {
			t.Fatalf("length %g, want %g", length, s.norm)
		}
		got, length = s.distance(x, General)
		var gap mat.Dense
		gap.Sub(x.Dense(), truth.Dense())
		if want := mat.Norm(&gap, 2); math.Abs(got-want) > 1e-10*want || math.Abs(length-mat.Norm(truth.Dense(), 2)) > 1e-10*length {
			t.Fatalf("‖UVᵀ − M*‖ = %g of %g, want %g", got, length, want)
		}
	})
}

// A small distance keeps its digits, and ranks may differ.
func TestDistanceSmall(t *testing.T) {
	rng := lr.Stream(1, "small")
	truth := &lr.Factors{U: lr.NormalMatrix(rng, 20, 2), V: lr.NormalMatrix(rng, 15, 2)}
	s := newSolution(truth)
	turn := mat.NewDense(2, 2, []float64{0.6, -0.8, 0.8, 0.6})
	x := lr.NewFactors(20, 15, 3)
	var u, v mat.Dense
	u.Mul(s.x.U, turn)
	v.Mul(s.x.V, turn)
	put(x, &lr.Factors{U: &u, V: &v})
	x.U.Set(4, 2, 3e-11)
	if d, _ := s.distance(x, Orthogonal); math.Abs(d-3e-11) > 1e-13 {
		t.Errorf("distance %g, want 3e-11", d)
	}
	low := lr.NewFactors(20, 15, 1)
	put(low, &lr.Factors{U: mat.DenseCopyOf(s.x.U.Slice(0, 20, 0, 1)), V: mat.DenseCopyOf(s.x.V.Slice(0, 15, 0, 1))})
	second := math.Hypot(mat.Norm(s.x.U.ColView(1), 2), mat.Norm(s.x.V.ColView(1), 2))
	if d, _ := s.distance(low, Orthogonal); math.Abs(d-second) > 1e-12 {
		t.Errorf("the distance of the first pair alone is %g, want %g", d, second)
	}
}

// A truth of more columns than rank, of more columns than rows, and of 0.
func TestSolutionRanks(t *testing.T) {
	rng := lr.Stream(1, "ranks")
	wide := &lr.Factors{U: lr.NormalMatrix(rng, 3, 5), V: lr.NormalMatrix(rng, 4, 5)}
	twice := &lr.Factors{U: mat.NewDense(4, 2, []float64{1, 1, 2, 2, 0, 0, 1, 1}), V: mat.NewDense(3, 2, []float64{1, 2, 1, 2, 0, 0})}
	symmetric := &lr.Factors{U: mat.NewDense(4, 2, []float64{1, 1, 2, 2, 0, 0, 1, 1})}
	for want, truth := range map[int]*lr.Factors{3: wide, 1: twice} {
		if s := newSolution(truth); s.x.Rank() != want || lr.RelErr(s.x, truth) > 1e-14 {
			t.Errorf("rank %d, want %d; %g off", s.x.Rank(), want, lr.RelErr(s.x, truth))
		}
	}
	if s := newSolution(symmetric); s.x.Rank() != 1 || lr.RelErr(s.x, symmetric) > 1e-14 {
		t.Errorf("symmetric: rank %d, want 1", s.x.Rank())
	}
	zero := newSolution(lr.NewFactors(4, 3, 2))
	x := &lr.Factors{U: lr.NormalMatrix(rng, 4, 2), V: lr.NormalMatrix(rng, 3, 2)}
	if d, length := zero.distance(x, Orthogonal); zero.x != nil || d != x.Norm() || length != 0 {
		t.Errorf("M* = 0: distance %g of %g, want %g of 0", d, length, x.Norm())
	}
}

func TestCondition(t *testing.T) {
	for _, v := range []struct {
		a    *mat.Dense
		cond float64
		rank int
	}{
		{mat.NewDense(3, 2, []float64{3, 0, 0, 2, 0, 0}), 1.5, 2},
		{mat.NewDense(3, 2, []float64{1, 1, 2, 2, 3, 3}), math.Inf(1), 1},
		{mat.NewDense(3, 2, nil), math.Inf(1), 0},
		{mat.NewDense(2, 1, []float64{0, 1e-200}), 1, 1},
	} {
		if cond, rank := condition(v.a); math.Abs(cond-v.cond) > 1e-12 && cond != v.cond || rank != v.rank {
			t.Errorf("%v: condition %g, rank %d; want %g, %d", mat.Formatted(v.a), cond, rank, v.cond, v.rank)
		}
	}
}
