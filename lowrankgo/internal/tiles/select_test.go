package tiles

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// naiveCut is Cut by sorting.
func naiveCut(x []float64, k int) (threshold float64, ties int) {
	m := make([]float64, len(x))
	for i, v := range x {
		m[i] = math.Abs(v)
	}
	slices.Sort(m)
	slices.Reverse(m)
	for _, v := range m[:k] {
		if v == m[k-1] {
			ties++
		}
	}
	return m[k-1], ties
}

func compareCut(t *testing.T, name string, x []float64, k int) {
	t.Helper()
	want, wantTies := naiveCut(x, k)
	got, ties := Cut(slices.Clone(x), k)
	if got != want || ties != wantTies {
		t.Fatalf("%s, n = %d, k = %d: cut at %v with %d ties, sorting gives %v with %d", name, len(x), k, got, ties, want, wantTies)
	}
	if got := Largest(slices.Clone(x), k); got != want {
		t.Fatalf("%s, n = %d: the %d-th largest is %v, sorting gives %v", name, len(x), k, got, want)
	}
	if got, ties := cutByBits(slices.Clone(x), k); got != want || ties != wantTies {
		t.Fatalf("%s, n = %d, k = %d: by bits the cut is at %v with %d ties, sorting gives %v with %d", name, len(x), k, got, ties, want, wantTies)
	}
}

// shapes are the families of numbers that selection could stumble on.
func shapes(rng *rand.Rand, n int) map[string][]float64 {
	fill := func(f func(i int) float64) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = f(i)
		}
		return x
	}
	return map[string][]float64{
		"normal":     fill(func(int) float64 { return rng.NormFloat64() }),
		"constant":   fill(func(int) float64 { return -3 }),
		"zero":       fill(func(i int) float64 { return math.Copysign(0, float64(i%2)-.5) }),
		"ascending":  fill(func(i int) float64 { return float64(i) }),
		"descending": fill(func(i int) float64 { return float64(n - i) }),
		"organ pipe": fill(func(i int) float64 { return float64(min(i, n-i)) }),
		"two values": fill(func(int) float64 { return float64(rng.IntN(2)) }),
		"few values": fill(func(int) float64 { return float64(rng.IntN(7) - 3) }),
		"one large":  fill(func(i int) float64 { return float64(i/(n-1)) * 1e300 }),
		"heavy":      fill(func(int) float64 { return math.Exp(200 * rng.NormFloat64()) }),
		"tiny":       fill(func(int) float64 { return rng.NormFloat64() * 1e-310 }),
		"infinite":   fill(func(i int) float64 { return 1 / float64(rng.IntN(3)) }),
		"periodic":   fill(func(i int) float64 { return float64(i % 8) }),
	}
}

func TestCutAgainstSorting(t *testing.T) {
	const seed = 1
	t.Log("seed", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	for _, n := range []int{2, 3, 23, 24, 25, 26, 40, 100, 101, 1000, 5000} {
		for name, x := range shapes(rng, n) {
			for _, k := range []int{1, 2, n / 10, n / 2, n * 9 / 10, n - 1, n} {
				if k >= 1 {
					compareCut(t, name, x, k)
				}
			}
		}
	}
}

func TestCutProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.OneOf(
			rapid.Float64Range(-1, 1),
			rapid.SampledFrom([]float64{0, 1, -1, 2, math.Inf(1), math.Inf(-1), 5e-324, math.MaxFloat64}),
		), 1, 300).Draw(t, "x")
		k := rapid.IntRange(1, len(x)).Draw(t, "k")
		want, wantTies := naiveCut(x, k)
		if got, ties := Cut(slices.Clone(x), k); got != want || ties != wantTies {
			t.Fatalf("cut at %v with %d ties, sorting gives %v with %d", got, ties, want, wantTies)
		}
	})
}

// TestCutKeepsExactly uses the cut as callers do.
func TestCutKeepsExactly(t *testing.T) {
	const seed = 3
	rng := rand.New(rand.NewPCG(seed, 1))
	for name, x := range shapes(rng, 777) {
		for k := 1; k <= len(x); k += 97 {
			threshold, ties := Cut(slices.Clone(x), k)
			kept := 0
			for _, v := range x {
				switch m := math.Abs(v); {
				case m > threshold:
					kept++
				case m == threshold && ties > 0:
					kept++
					ties--
				}
			}
			if kept != k {
				t.Errorf("%s (seed %d): %d entries kept by a cut at %d", name, seed, kept, k)
			}
		}
	}
}

// TestCutOfMisleadingSamples puts the numbers that are looked at first where
// they say nothing of the others, so that every bracket is wrong.
func TestCutOfMisleadingSamples(t *testing.T) {
	for _, n := range []int{100, 3000} {
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(i)
		}
		for range 40 { // make each sampled entry extreme, and the next ones too
			lo, hi := bracket(x, n/2)
			for i := range x {
				if b := magnitude(x[i]); b == lo || b == hi {
					x[i] = 1e6 + float64(i)
				}
			}
		}
		compareCut(t, "misled", x, n/2)
	}
}

func TestCutPermutes(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 1))
	for name, x := range shapes(rng, 400) {
		for _, cut := range []func([]float64, int) (float64, int){Cut, cutByBits} {
			y := slices.Clone(x)
			cut(y, 60)
			slices.Sort(y)
			want := slices.Clone(x)
			slices.Sort(want)
			if !slices.Equal(y, want) {
				t.Errorf("%s: other numbers than before", name)
			}
		}
	}
}

func TestObserved(t *testing.T) {
	nan := math.NaN()
	x := []float64{nan, -1, 0, math.Copysign(nan, -1), math.Inf(-1), 2, nan}
	dst := make([]float64, len(x))
	n := Observed(dst, x)
	if want := []float64{1, 0, math.Inf(1), 2}; !slices.Equal(dst[:n], want) {
		t.Errorf("observed %v, want %v", dst[:n], want)
	}
	if n := Observed(x, x); !slices.Equal(x[:n], dst[:n]) {
		t.Errorf("in place %v, want %v", x[:n], dst[:n])
	}
	if n := Observed(nil, nil); n != 0 {
		t.Errorf("%d of no entries observed", n)
	}
}

func TestCutPanics(t *testing.T) {
	for _, k := range []int{-1, 0, 4} {
		func() {
			defer func() {
				if want := fmt.Sprintf("tiles: the %d-th largest of 3 numbers was asked for", k); recover() != want {
					t.Errorf("k = %d: no panic %q", k, want)
				}
			}()
			Cut(make([]float64, 3), k)
		}()
	}
}

func TestCutAllocatesNothing(t *testing.T) {
	x := shapes(rand.New(rand.NewPCG(1, 1)), 2000)["normal"]
	work := make([]float64, len(x))
	if n := testing.AllocsPerRun(50, func() {
		copy(work, x)
		Cut(work, 200)
	}); n > 0 {
		t.Errorf("%v allocations a cut", n)
	}
}

func BenchmarkCut(b *testing.B) {
	for _, n := range []int{100, 500, 2500, 20000} {
		for _, name := range []string{"normal", "constant", "few values"} {
			x := shapes(rand.New(rand.NewPCG(1, 1)), n)[name]
			work := make([]float64, n)
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					copy(work, x)
					Cut(work, n/10)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/number")
			})
		}
	}
}
