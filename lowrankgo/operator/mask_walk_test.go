package operator

import (
	"math"
	"math/bits"
	"slices"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"pgregory.net/rapid"
)

// allThatServe lists, as bits of places, every set of f.Count places with enough
// entries in each row and column.
func allThatServe(f FixedCount) []uint64 {
	var sets []uint64
	for s := range uint64(1) << (f.D1 * f.D2) {
		if bits.OnesCount64(s) == f.Count && f.serves(placesOf(s)) {
			sets = append(sets, s)
		}
	}
	return sets
}

func placesOf(set uint64) []uint64 {
	var at []uint64
	for p := range uint64(64) {
		if set>>p&1 == 1 {
			at = append(at, p)
		}
	}
	return at
}

func setOf(at []uint64) (set uint64) {
	for _, p := range at {
		set |= 1 << p
	}
	return set
}

// TestUniformLaw compares how often each set is drawn with the uniform law, by
// χ², for the chain and for drawing again. The bound is five standard deviations.
func TestUniformLaw(t *testing.T) {
	const seed, perSet = 11, 60
	for _, f := range []FixedCount{
		{D1: 3, D2: 3, Count: 5, AtLeast: 1},
		{D1: 3, D2: 4, Count: 8, AtLeast: 2}, // no column can spare any
		{D1: 4, D2: 3, Count: 9, AtLeast: 2},
		{D1: 3, D2: 3, Count: 8},
	} {
		sets := allThatServe(f)
		if len(sets) < 3 {
			t.Fatalf("%+v: only %d sets serve", f, len(sets))
		}
		rng := lr.Stream(seed, "uniform law")
		for name, draw := range map[string]func() []uint64{
			"chain": func() []uint64 { return f.walk(rng, 20*f.Count) },
			"draws": func() []uint64 {
				for {
					if at := f.draw(rng); f.serves(at) {
						return at
					}
				}
			},
		} {
			seen := map[uint64]int{}
			for range perSet * len(sets) {
				seen[setOf(draw())]++
			}
			var chi float64
			for _, s := range sets {
				d := float64(seen[s] - perSet)
				chi += d * d / perSet
				delete(seen, s)
			}
			if len(seen) > 0 {
				t.Errorf("%+v by %s, seed %d: %d sets were drawn that do not serve", f, name, seed, len(seen))
			}
			if n := float64(len(sets) - 1); chi > n+5*math.Sqrt(2*n) {
				t.Errorf("%+v by %s, seed %d: χ² = %.0f over %d sets", f, name, seed, chi, len(sets))
			}
		}
	}
}

// TestWalkServes holds every possible size against what it promises, down to the
// fewest entries that can serve and up to all.
func TestWalkServes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := FixedCount{D1: rapid.IntRange(1, 9).Draw(t, "d1"), D2: rapid.IntRange(1, 9).Draw(t, "d2")}
		f.AtLeast = rapid.IntRange(0, min(f.D1, f.D2)).Draw(t, "at least")
		f.Count = rapid.IntRange(max(1, f.AtLeast*max(f.D1, f.D2)), f.D1*f.D2).Draw(t, "count")
		rng := lr.Stream(rapid.Uint64().Draw(t, "seed"), "walk")
		at := f.walk(rng, 50)
		if len(at) != f.Count || !slices.IsSorted(at) || len(slices.Compact(slices.Clone(at))) != f.Count || !f.serves(at) {
			t.Fatalf("%+v: the set is %v", f, at)
		}
		if drawn := f.draw(rng); len(drawn) != f.Count || !slices.IsSorted(drawn) || len(slices.Compact(slices.Clone(drawn))) != f.Count {
			t.Fatalf("%+v: the draw is %v", f, drawn)
		}
	})
}

// TestShort compares the expected number of short rows and columns with draws,
// at the size of the published tables.
func TestShort(t *testing.T) {
	f := FixedCount{D1: 1000, D2: 1000, Count: 15 * 5 * 1995 / 10, AtLeast: 5}
	if s := f.short(); s < 1 || s > 3 {
		t.Errorf("%v rows and columns are short on average; about 1.7 are known", s)
	}
	rng, short := lr.Stream(2, "short"), 0
	const draws = 30
	for range draws {
		inRows, inCols := f.counts(f.draw(rng))
		for _, n := range append(inRows, inCols...) {
			if n < f.AtLeast {
				short++
			}
		}
	}
	if got, sd := float64(short)/draws, math.Sqrt(f.short()/draws); math.Abs(got-f.short()) > 5*sd {
		t.Errorf("%v rows and columns are short on average, %v expected", got, f.short())
	}
	if f.draws() < 2 {
		t.Error("the chain is taken where a draw in ten serves")
	}
	if tight := (FixedCount{D1: 1000, D2: 1000, Count: 5100, AtLeast: 5}); tight.draws() != 0 {
		t.Errorf("%d draws are tried although %v rows and columns are short", tight.draws(), tight.short())
	}
	if full := (FixedCount{D1: 7, D2: 5, Count: 35, AtLeast: 5}); full.short() != 0 {
		t.Errorf("%v lines of a full mask are short", full.short())
	}
}

func TestBinomialBelow(t *testing.T) {
	for _, c := range []struct {
		r, n    int
		p, want float64
	}{
		{0, 5, 0.3, 0},
		{1, 5, 0.3, math.Pow(0.7, 5)},
		{2, 5, 0.3, math.Pow(0.7, 5) + 5*0.3*math.Pow(0.7, 4)},
		{6, 5, 0.3, 1},
		{3, 5, 1, 0},
	} {
		if got := binomialBelow(c.r, c.n, c.p); math.Abs(got-c.want) > 1e-13 {
			t.Errorf("P(Bin(%d, %v) < %d) = %v, want %v", c.n, c.p, c.r, got, c.want)
		}
	}
}
