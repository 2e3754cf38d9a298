package loops

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// gathered is one row of a sparse matrix: n entries that name rows of y.
type gathered struct {
	x, y, w, b []float64
	stride     int
	idx        []int32
}

func newGathered(rng *rand.Rand, k, n int) gathered {
	rows := 1 + rng.IntN(9)
	g := gathered{x: random(rng, k), w: random(rng, n), b: random(rng, n), stride: k + rng.IntN(4), idx: make([]int32, n)}
	g.y = random(rng, (rows-1)*g.stride+k) // the last row ends the slice
	for e := range g.idx {
		g.idx[e] = int32(rng.IntN(rows))
	}
	return g
}

func TestGatherAgreesWithItsTwin(t *testing.T) {
	const seed = 3
	rng := rand.New(rand.NewPCG(seed, 4))
	for k := 1; k <= 70; k++ {
		for n := 1; n < 14; n++ {
			g := newGathered(rng, k, n)
			got, want := make([]float64, n), make([]float64, n)
			for _, b := range [][]float64{nil, g.b} {
				GatherDot(got, b, g.x, g.y, g.stride, g.idx)
				for e, j := range g.idx {
					want[e] = dotGo(&g.x[0], &g.y[int(j)*g.stride], k)
					if b != nil {
						want[e] -= b[e]
					}
					near(t, "GatherDot", k, got[e], want[e], float64(k))
				}
			}
			gatherDotGo(&want[0], &g.b[0], &g.x[0], k, &g.y[0], g.stride, &g.idx[0], n)
			for e := range want {
				near(t, "gatherDotGo", k, want[e], got[e], float64(k))
			}

			sum, twin := append([]float64(nil), g.x...), append([]float64(nil), g.x...)
			GatherAddScaled(sum, g.w, g.y, g.stride, g.idx)
			for e, j := range g.idx {
				addScaledGo(&twin[0], g.w[e], &g.y[int(j)*g.stride], k)
			}
			again := append([]float64(nil), g.x...)
			gatherAddScaledGo(&again[0], k, &g.w[0], &g.y[0], g.stride, &g.idx[0], n)
			for l := range sum {
				near(t, "GatherAddScaled", n, sum[l], twin[l], float64(n))
				if again[l] != twin[l] {
					t.Fatalf("k = %d, n = %d, seed %d: the portable twin gives %v, plain loops %v", k, n, seed, again[l], twin[l])
				}
			}
		}
	}
}

// Indices repeat here, which a mask's never do: each addition must see the one
// before.
func TestScatterAgreesWithItsTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for k := 1; k <= 70; k++ {
		for n := 1; n < 14; n++ {
			g := newGathered(rng, k, n)
			got, want := append([]float64(nil), g.y...), append([]float64(nil), g.y...)
			again := append([]float64(nil), g.y...)
			ScatterAddScaled(got, g.stride, g.idx, g.w, g.x)
			for e, j := range g.idx {
				addScaledGo(&want[int(j)*g.stride], g.w[e], &g.x[0], k)
			}
			scatterAddScaledGo(&again[0], g.stride, &g.idx[0], n, &g.w[0], &g.x[0], k)
			for l := range want {
				near(t, "ScatterAddScaled", n, got[l], want[l], float64(n))
				if again[l] != want[l] || (l%g.stride >= k && got[l] != g.y[l]) {
					t.Fatalf("k = %d, n = %d: value %d is %v, by the twin %v, by plain loops %v, before %v", k, n, l, got[l], again[l], want[l], g.y[l])
				}
			}
		}
	}
}

// A value may not depend on where a list of entries is cut.
func TestGatherDotCut(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for k := 1; k < 20; k++ {
		g := newGathered(rng, k, 11)
		whole, parts := make([]float64, 11), make([]float64, 11)
		GatherDot(whole, g.b, g.x, g.y, g.stride, g.idx)
		for cut := range 12 {
			GatherDot(parts[:cut], g.b[:cut], g.x, g.y, g.stride, g.idx[:cut])
			GatherDot(parts[cut:], g.b[cut:], g.x, g.y, g.stride, g.idx[cut:])
			for e := range whole {
				if whole[e] != parts[e] {
					t.Fatalf("k = %d, cut at %d: entry %d is %v, uncut %v", k, cut, e, parts[e], whole[e])
				}
			}
		}
	}
}

// Neither what lies behind a row nor what lies behind a result is touched.
func TestGatherStaysInside(t *testing.T) {
	const guard = 12345.0
	rng := rand.New(rand.NewPCG(7, 8))
	for k := 1; k < 20; k++ {
		for n := range 9 {
			g := newGathered(rng, k, n)
			for j := range g.y { // between rows
				if j%g.stride >= k {
					g.y[j] = math.NaN()
				}
			}
			out, dst := make([]float64, k+2), make([]float64, n+2)
			out[0], out[k+1], dst[0], dst[n+1] = guard, guard, guard, guard
			GatherAddScaled(out[1:k+1], g.w, g.y, g.stride, g.idx)
			GatherDot(dst[1:n+1], g.b, g.x, g.y, g.stride, g.idx)
			if out[0] != guard || out[k+1] != guard || dst[0] != guard || dst[n+1] != guard {
				t.Fatalf("k = %d, n = %d: wrote outside its slice", k, n)
			}
			for _, v := range append(out, dst...) {
				if v != v {
					t.Fatalf("k = %d, n = %d: read between rows", k, n)
				}
			}
		}
	}
}

func TestGatherOfNothing(t *testing.T) {
	out := []float64{1, 2}
	GatherAddScaled(out, nil, nil, 2, nil)
	GatherAddScaled(nil, []float64{1}, nil, 0, []int32{0})
	ScatterAddScaled(out, 2, nil, nil, out)
	ScatterAddScaled(nil, 0, []int32{0}, []float64{1}, nil)
	GatherDot(nil, nil, out, nil, 2, nil)
	if out[0] != 1 || out[1] != 2 {
		t.Fatalf("an empty sum changed its result to %v", out)
	}
	for name, f := range map[string]func(){
		"a dst too short": func() { GatherDot(make([]float64, 1), nil, out, out, 2, []int32{0, 0}) },
		"a b too short":   func() { GatherDot(make([]float64, 2), out[:1], out, out, 2, []int32{0, 0}) },
		"no columns":      func() { GatherDot(make([]float64, 2), nil, nil, out, 2, []int32{0, 0}) },
		"a w too short":   func() { GatherAddScaled(out, out[:1], out, 2, []int32{0, 0}) },
		"weights too few": func() { ScatterAddScaled(out, 2, []int32{0, 0}, out[:1], out) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

// BenchmarkGather runs over 500 entries a row, 2000 rows, in a matrix of 10000
// rows: more than the second-level cache holds at k = 10.
func BenchmarkGather(b *testing.B) {
	const d, per, lines = 10000, 500, 2000
	for _, k := range []int{1, 5, 10, 32} {
		rng := rand.New(rand.NewPCG(9, 10))
		x, y, w, dst := random(rng, k), random(rng, d*k), random(rng, per*lines), make([]float64, per*lines)
		idx := make([]int32, per*lines)
		for e := range idx {
			idx[e] = int32(e%per*(d/per) + rng.IntN(d/per)) // ascending, as in a mask
		}
		passes := map[string]func(lo, hi int){
			"dot":          func(lo, hi int) { GatherDot(dst[lo:hi], w[lo:hi], x, y, k, idx[lo:hi]) },
			"dot/go":       func(lo, hi int) { gatherDotGo(&dst[lo], &w[lo], &x[0], k, &y[0], k, &idx[lo], hi-lo) },
			"addScaled":    func(lo, hi int) { GatherAddScaled(x, w[lo:hi], y, k, idx[lo:hi]) },
			"scatter":      func(lo, hi int) { ScatterAddScaled(y, k, idx[lo:hi], w[lo:hi], x) },
			"scatter/go":   func(lo, hi int) { scatterAddScaledGo(&y[0], k, &idx[lo], hi-lo, &w[lo], &x[0], k) },
			"addScaled/go": func(lo, hi int) { gatherAddScaledGo(&x[0], k, &w[lo], &y[0], k, &idx[lo], hi-lo) },
		}
		for _, name := range []string{"dot", "dot/go", "addScaled", "addScaled/go", "scatter", "scatter/go"} {
			b.Run(fmt.Sprintf("%s/k=%d", name, k), func(b *testing.B) {
				for b.Loop() {
					for l := range lines {
						passes[name](l*per, (l+1)*per)
					}
				}
				entries := float64(b.N) * per * lines
				b.ReportMetric(b.Elapsed().Seconds()*1e9/entries, "ns/entry")
				b.ReportMetric(2*float64(k)*entries/b.Elapsed().Seconds()*1e-9, "GFLOP/s")
			})
		}
	}
}
