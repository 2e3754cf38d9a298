package tune

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// TestRest compares with T written out and its whole SVD.
func TestRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, y := someFit(t)
		r, err := f.rest(context.Background(), rand.New(rand.NewPCG(1, 1)))
		if err != nil {
			t.Fatal(err)
		}
		left := mat.NewDense(f.d1, f.d2, nil)
		left.Apply(func(_, _ int, d float64) float64 {
			if weightOf(d, wide*f.s, trim) == 0 {
				return 0
			}
			return d
		}, residualOf(f, y))
		var svd mat.SVD
		svd.Factorize(left, mat.SVDNone)
		want := svd.Values(nil)[0]
		if !(r.top <= want*(1+1e-9)) || r.top < 0.8*want {
			t.Fatalf("σ1 = %g, want at most and nearly %g", r.top, want)
		}
		a, b := math.Sqrt(float64(f.d1)), math.Sqrt(float64(f.d2))
		if edge := mat.Norm(left, 2) * (1/a + 1/b); math.Abs(r.edge-edge) > 1e-12*edge {
			t.Fatalf("the edge is at %g, want %g", r.edge, edge)
		}
		if n := mat.Norm(mat.NewVecDense(f.d2, r.v), 2); math.Abs(n-1) > 1e-12 {
			t.Fatalf("its vector has length %g", n)
		}
		var tv mat.VecDense
		tv.MulVec(left, mat.NewVecDense(f.d2, r.v))
		if math.Abs(mat.Norm(&tv, 2)-r.top) > 1e-6*want { // a Ritz pair
			t.Fatalf("‖Tv‖ = %g, σ1 = %g", mat.Norm(&tv, 2), r.top)
		}
	})
}

// TestWhite: noise of every size is called noise, and a part of rank 1 of
// 2.5 times its largest singular value is not. The seeds are fixed.
func TestWhite(t *testing.T) {
	for _, d := range [][2]int{{30, 30}, {40, 100}, {100, 40}, {200, 200}, {400, 60}} {
		wrong, seen, rounds := 0, 0, 40
		for seed := range uint64(rounds) {
			for _, signal := range []float64{0, 2.5} {
				y, _, _ := planted{d1: d[0], d2: d[1], noise: 1, missing: 0.2, share: 0.05, size: 20, seed: seed}.draw()
				rng := rand.New(rand.NewPCG(seed, 9))
				u, v := gaussian(rng, d[0], 1), gaussian(rng, d[1], 1)
				edge := math.Sqrt(float64(d[0])) + math.Sqrt(float64(d[1]))
				u.Scale(signal*edge/mat.Norm(u, 2)/mat.Norm(v, 2)/0.8, u) // 0.8: what is missing
				var m mat.Dense
				m.Mul(u, v.T())
				y.Add(y, &m)
				w, err := newView(context.Background(), y, 1)
				if err != nil {
					t.Fatal(err)
				}
				f := newFit(w)
				r, err := f.rest(context.Background(), rng)
				if err != nil {
					t.Fatal(err)
				}
				switch white := r.white(d[0], d[1]); {
				case signal == 0 && !white:
					wrong++
				case signal > 0 && !white:
					seen++
				}
			}
		}
		t.Logf("%d×%d: %d of %d times noise was no noise, %d times the signal was seen; limit %.3f", d[0], d[1], wrong, rounds, seen, whiteLimit(d[0], d[1]))
		if wrong > 0 {
			t.Errorf("%d×%d: noise was taken for a low-rank part %d times of %d", d[0], d[1], wrong, rounds)
		}
		if seen < rounds*9/10 {
			t.Errorf("%d×%d: a part 2.5 times as large as noise was seen %d times of %d", d[0], d[1], seen, rounds)
		}
	}
}

func TestRitzOfWildProducts(t *testing.T) {
	z := mat.NewDense(3, 2, []float64{1, 0, 0, 1, 0, 0})
	for _, x := range []float64{math.NaN(), math.Inf(1)} {
		next := mat.NewDense(3, 2, []float64{x, 0, 0, 1, 0, 0})
		if r := ritz(z, next); !math.IsNaN(r.top) {
			t.Errorf("with %v: σ1 = %g, want NaN", x, r.top)
		}
	}
	if r := ritz(z, mat.NewDense(3, 2, nil)); r.top != 0 {
		t.Errorf("of 0: σ1 = %g", r.top)
	}
}
