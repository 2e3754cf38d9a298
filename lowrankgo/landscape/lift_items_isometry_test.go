package landscape

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"pgregory.net/rapid"
)

// TestLiftIsometryHolds: the identities for any H0 at any point, and the bounds
// that follow, at 0, at rank-deficient points and where M = M*.
func TestLiftIsometryHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSize(t, false)
		h, err := operator.Perturbed{D1: s.d1, D2: s.d2, Delta: rapid.Float64Range(0, 0.99).Draw(t, "delta"), Seed: s.seed}.New()
		if err != nil {
			t.Fatal(err)
		}
		rng := lr.Stream(s.seed, "isometry")
		x, truth := normalFactors(rng, s.d1, s.d2, s.r), normalFactors(rng, s.d1, s.d2, s.r)
		switch rapid.IntRange(0, 5).Draw(t, "kind") {
		case 3: // N = N*, up to rounding
			x, _, err = LiftExtremes(truth)
			if err != nil {
				t.Fatal(err)
			}
		case 4: // N nearly N*
			y, _, err := LiftExtremes(truth)
			if err != nil {
				t.Fatal(err)
			}
			x.Scale(math.Pow(10, rapid.Float64Range(-17, 0).Draw(t, "log distance")))
			x.AddScaled(1, y)
		case 0:
			x.Scale(0)
		case 1:
			for i := range s.d2 {
				x.V.Set(i, s.r-1, 0)
			}
		case 2:
			x = truth.Clone()
		}
		l, err := LiftIsometry(h, x, truth)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []Check{l.Identity, l.IdentityError, l.Point, l.Error} {
			if !c.Holds(1e-12) {
				t.Fatal(c)
			}
		}
	})
}

// TestLiftExtremes: δ for N and 2δ for N − N* are attained, for every H0.
func TestLiftExtremes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSize(t, false)
		h, err := operator.Perturbed{D1: s.d1, D2: s.d2, Delta: 0.4, Seed: s.seed}.New()
		if err != nil {
			t.Fatal(err)
		}
		truth := normalFactors(lr.Stream(s.seed, "truth"), s.d1, s.d2, s.r)
		balanced, mirrored, err := LiftExtremes(truth)
		if err != nil {
			t.Fatal(err)
		}
		at, err := LiftIsometry(h, balanced, truth)
		if err != nil {
			t.Fatal(err)
		}
		off, err := LiftIsometry(h, mirrored, truth)
		if err != nil {
			t.Fatal(err)
		}
		// Both are ratios of near numbers where δ is small: compare in units of 1.
		if math.Abs(at.Lifted-at.Delta) > 1e-11 || math.Abs(off.LiftedError-2*off.DeltaError) > 1e-11 {
			t.Fatalf("of N: %g for δ = %g; of N − N*: %g for δ = %g", at.Lifted, at.Delta, off.LiftedError, off.DeltaError)
		}
	})
}

// TestLiftIsometryAdversary climbs on the two ratios over points and truths: they
// come to 1 and to 2 and not beyond.
func TestLiftIsometryAdversary(t *testing.T) {
	const d1, d2, r = 2, 3, 1
	h, err := operator.Perturbed{D1: d1, D2: d2, Delta: 0.3, Seed: 7}.New()
	noError(t, err)
	rng := lr.Stream(11, "adversary")
	for name, c := range map[string]struct {
		ratio func(l *LiftedNorms) float64
		limit float64
	}{
		"N":      {func(l *LiftedNorms) float64 { return l.Lifted / l.Delta }, 1},
		"N − N*": {func(l *LiftedNorms) float64 { return l.LiftedError / l.DeltaError }, 2},
	} {
		instances := 0
		best, _ := maximise(rng, 2*(d1+d2)*r, 10, 1200, func(v []float64) float64 {
			instances++
			x, truth := lr.NewFactors(d1, d2, r), lr.NewFactors(d1, d2, r)
			unflatten(x, v)
			unflatten(truth, v[(d1+d2)*r:])
			l, err := LiftIsometry(h, x, truth)
			noError(t, err)
			for _, check := range []Check{l.Identity, l.IdentityError, l.Point, l.Error} {
				if !check.Holds(1e-10) {
					t.Fatalf("%s: at %v, M* %v: %v", name, x, truth, check)
				}
			}
			if l.Delta < 1e-3 || l.DeltaError < 1e-3 {
				return 0 // a ratio of two roundings
			}
			return c.ratio(l)
		})
		if instances < 10000 || best < c.limit*0.995 || best > c.limit+1e-9 {
			t.Errorf("%s: the largest ratio of %d is %g; want nearly %g", name, instances, best, c.limit)
		}
	}
}
