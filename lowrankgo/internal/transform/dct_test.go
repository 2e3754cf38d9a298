package transform

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"pgregory.net/rapid"
)

// naive is C·x by the definition, or Cᵀ·x.
func naive(x []float64, inverse bool) []float64 {
	n := len(x)
	y := make([]float64, n)
	for i := range n {
		for j := range n {
			c := math.Sqrt(2/float64(n)) * math.Cos(math.Pi*float64(i*(2*j+1)%(4*n))/float64(2*n))
			if i == 0 {
				c = 1 / math.Sqrt(float64(n))
			}
			if inverse {
				y[j] += c * x[i]
			} else {
				y[i] += c * x[j]
			}
		}
	}
	return y
}

// naive2 transforms the rows and then the columns, each by the definition.
func naive2(x []float64, d1, d2 int, inverse bool) []float64 {
	out := make([]float64, 0, d1*d2)
	for i := range d1 {
		out = append(out, naive(x[i*d2:(i+1)*d2], inverse)...)
	}
	for j := range d2 {
		col := make([]float64, d1)
		for i := range col {
			col[i] = out[i*d2+j]
		}
		for i, v := range naive(col, inverse) {
			out[i*d2+j] = v
		}
	}
	return out
}

func random(seed uint64, n int) []float64 {
	rng := rand.New(rand.NewPCG(seed, 7))
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

func gap(a, b []float64) (worst float64) {
	for i := range a {
		if d := math.Abs(a[i] - b[i]); !(d <= worst) {
			worst = d
		}
	}
	return worst
}

func TestDCTIsItsDefinition(t *testing.T) {
	lengths := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 17, 30, 31, 64, 97, 100, 127, 128, 210, 251}
	for _, n := range lengths {
		x := random(uint64(n), n)
		d, y := NewDCT(n), append([]float64(nil), x...)
		if d.Len() != n {
			t.Errorf("Len is %d, want %d", d.Len(), n)
		}
		d.Forward(y)
		if g := gap(y, naive(x, false)); g > 1e-13*float64(n) {
			t.Errorf("n = %d: Forward is off by %g", n, g)
		}
		copy(y, x)
		d.Inverse(y)
		if g := gap(y, naive(x, true)); g > 1e-13*float64(n) {
			t.Errorf("n = %d: Inverse is off by %g", n, g)
		}
	}
}

// At is one number of the matrix, also where the angle is large.
func TestAt(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 50, 1009} {
		d := NewDCT(n)
		for _, j := range []int{0, n / 3, n - 1} {
			x := make([]float64, n)
			x[j] = 1
			d.Forward(x)
			for i, v := range x {
				if math.Abs(v-At(n, i, j)) > 1e-13 {
					t.Fatalf("n = %d: At(%d, %d) = %g, want %g", n, i, j, At(n, i, j), v)
				}
			}
		}
	}
}

func TestDCT2IsItsDefinition(t *testing.T) {
	for _, s := range [][2]int{{1, 1}, {1, 9}, {9, 1}, {2, 3}, {7, 5}, {8, 8}, {13, 17}, {40, 50}, {60, 33}} {
		d1, d2 := s[0], s[1]
		x := random(uint64(d1*100+d2), d1*d2)
		d := NewDCT2(d1, d2)
		y := append([]float64(nil), x...)
		d.Forward(y)
		if g := gap(y, naive2(x, d1, d2, false)); g > 1e-12 {
			t.Errorf("%d×%d: Forward is off by %g", d1, d2, g)
		}
		copy(y, x)
		d.Inverse(y)
		if g := gap(y, naive2(x, d1, d2, true)); g > 1e-12 {
			t.Errorf("%d×%d: Inverse is off by %g", d1, d2, g)
		}
	}
}

// TestOrthonormal draws sizes: norms stay, the inverse undoes, and the inverse
// is the adjoint.
func TestOrthonormal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 200).Draw(t, "d1"), rapid.IntRange(1, 200).Draw(t, "d2")
		seed := rapid.Uint64().Draw(t, "seed")
		x, z := random(seed, d1*d2), random(seed+1, d1*d2)
		d := NewDCT2(d1, d2)
		fx := append([]float64(nil), x...)
		d.Forward(fx)
		if a, b := dot(fx, fx), dot(x, x); math.Abs(a-b) > 1e-12*b {
			t.Fatalf("‖CX‖² = %.17g, ‖X‖² = %.17g", a, b)
		}
		iz := append([]float64(nil), z...)
		d.Inverse(iz)
		if a, b := dot(fx, z), dot(x, iz); math.Abs(a-b) > 1e-12*dot(x, x) {
			t.Fatalf("⟨CX, Z⟩ = %.17g, ⟨X, CᵀZ⟩ = %.17g", a, b)
		}
		d.Inverse(fx)
		if g := gap(fx, x); g > 1e-12 {
			t.Fatalf("Inverse(Forward(X)) is off by %g", g)
		}
	})
}

func dot(x, y []float64) (s float64) {
	for i, v := range x {
		s += v * y[i]
	}
	return s
}

func TestSameBitsForAnyThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	x := random(3, 300*211)
	var want []float64
	for _, procs := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(procs)
		y := append([]float64(nil), x...)
		NewDCT2(300, 211).Forward(y)
		if want == nil {
			want = y
		}
		if g := gap(y, want); g != 0 {
			t.Errorf("GOMAXPROCS %d: off by %g", procs, g)
		}
	}
}

func TestAllocatesNothing(t *testing.T) {
	d, x := NewDCT2(120, 130), random(1, 120*130)
	d.Forward(x)
	if n := testing.AllocsPerRun(20, func() { d.Forward(x); d.Inverse(x) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestPanicsOnWrongSizes(t *testing.T) {
	for name, f := range map[string]func(){
		"length 0":        func() { NewDCT(0) },
		"no columns":      func() { NewDCT2(3, 0) },
		"vector":          func() { NewDCT(3).Forward(make([]float64, 4)) },
		"inverse":         func() { NewDCT(3).Inverse(make([]float64, 2)) },
		"no vector":       func() { NewDCT(3).Inverse(nil) },
		"matrix":          func() { NewDCT2(3, 2).Forward(make([]float64, 5)) },
		"matrix, inverse": func() { NewDCT2(3, 2).Inverse(make([]float64, 7)) },
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

func BenchmarkDCT2(b *testing.B) {
	for name, n := range map[string]int{"512": 512, "1000": 1000, "prime 997": 997} {
		b.Run(name, func(b *testing.B) {
			d, x := NewDCT2(n, n), random(1, n*n)
			b.SetBytes(int64(8 * n * n))
			for b.Loop() {
				d.Forward(x)
			}
		})
	}
}
