package linalg

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// exactNorm is ‖UVᵀ − U*V*ᵀ‖F in 300-bit arithmetic by plain loops.
func exactNorm(u, v, us, vs *mat.Dense) float64 {
	d1, r := u.Dims()
	d2, _ := v.Dims()
	sum := new(big.Float).SetPrec(300)
	for i := range d1 {
		for j := range d2 {
			e := new(big.Float).SetPrec(300)
			for k := range r {
				e.Add(e, product(u.At(i, k), v.At(j, k)))
			}
			if us != nil {
				_, rs := us.Dims()
				for k := range rs {
					e.Sub(e, product(us.At(i, k), vs.At(j, k)))
				}
			}
			sum.Add(sum, new(big.Float).SetPrec(300).Mul(e, e))
		}
	}
	out, _ := new(big.Float).Sqrt(sum).Float64()
	return out
}

func product(a, b float64) *big.Float {
	x := new(big.Float).SetPrec(300).SetFloat64(a)
	return x.Mul(x, new(big.Float).SetPrec(300).SetFloat64(b))
}

// TestNorms compares with 300-bit arithmetic: the absolute error may be some
// units of rounding of ‖U‖‖V‖, however small the difference is.
func TestNorms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 8).Draw(t, "d1"), rapid.IntRange(1, 8).Draw(t, "d2")
		r, rs := rapid.IntRange(1, 9).Draw(t, "r"), rapid.IntRange(1, 4).Draw(t, "r*") // also r > d
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		u, v, us, vs := normal(rng, d1, r), normal(rng, d2, r), normal(rng, d1, rs), normal(rng, d2, rs)
		tol := 1e-14 * (mat.Norm(u, 2)*mat.Norm(v, 2) + mat.Norm(us, 2)*mat.Norm(vs, 2))
		if got, want := DifferenceNorm(u, v, us, vs), exactNorm(u, v, us, vs); math.Abs(got-want) > tol {
			t.Fatalf("difference %g, want %g", got, want)
		}
		if got, want := ProductNorm(u, v), exactNorm(u, v, nil, nil); math.Abs(got-want) > tol {
			t.Fatalf("product %g, want %g", got, want)
		}
	})
}

// TestTinyDifference is why QR is used: at a distance of 1e-13, whose square
// is far below the rounding error of ‖M‖², the norm has three right digits.
func TestTinyDifference(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	u, v := normal(rng, 30, 4), normal(rng, 20, 4)
	us := mat.DenseCopyOf(u)
	us.Set(3, 2, us.At(3, 2)+1e-12)
	got, want := DifferenceNorm(u, v, us, v), exactNorm(u, v, us, v)
	if want < 1e-13 || math.Abs(got-want) > 1e-2*want {
		t.Errorf("got %g, want %g to 1 %%", got, want)
	}
	if got := DifferenceNorm(u, v, u, v); got > 1e-13 {
		t.Errorf("a matrix is %g from itself", got)
	}
}

func TestNormsOfWildNumbers(t *testing.T) {
	u, v := normal(rand.New(rand.NewPCG(1, 1)), 3, 2), mat.NewDense(4, 2, nil)
	if got := ProductNorm(u, v); got != 0 {
		t.Errorf("a zero product has norm %g", got)
	}
	v.Set(0, 0, math.NaN())
	if got := ProductNorm(u, v); !math.IsNaN(got) {
		t.Errorf("a product with NaN has norm %g", got)
	}
	if got := norm2([]float64{3e200, 4e200}); math.Abs(got-5e200) > 1e186 {
		t.Errorf("norm2 overflows: %g", got)
	}
	if got := norm2([]float64{3e-200, 4e-200}); math.Abs(got-5e-200) > 1e-214 {
		t.Errorf("norm2 underflows: %g", got)
	}
	if got := norm2([]float64{1, math.Inf(-1)}); !math.IsInf(got, 1) {
		t.Errorf("norm2 of an infinity is %g", got)
	}
}

func times(a mat.Matrix) Mul {
	return func(dst *mat.Dense, trans bool, z *mat.Dense) {
		if trans {
			dst.Mul(a.T(), z)
		} else {
			dst.Mul(a, z)
		}
	}
}

// decaying is a d1×d2 matrix with singular values 2⁻ᵏ.
func decaying(rng *rand.Rand, d1, d2 int) *mat.Dense {
	k := min(d1, d2)
	u, v := normal(rng, d1, k), normal(rng, d2, k)
	Orthonormalise(u)
	Orthonormalise(v)
	for j := range k {
		for i := range d1 {
			u.Set(i, j, u.At(i, j)*math.Pow(2, -float64(j)))
		}
	}
	var a mat.Dense
	a.Mul(u, v.T())
	return &a
}

func TestRandomSVD(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 40).Draw(t, "d1"), rapid.IntRange(1, 40).Draw(t, "d2")
		r := rapid.IntRange(1, min(d1, d2, 6)).Draw(t, "r")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		a := decaying(rng, d1, d2)
		u, sigma, v := RandomSVD(times(a), d1, d2, r, 4, rng)
		for k, s := range sigma {
			if want := math.Pow(2, -float64(k)); math.Abs(s-want) > 1e-10 {
				t.Fatalf("σ%d = %.15g, want %g", k+1, s, want)
			}
		}
		for i := range r {
			for j := range r {
				want := 0.0
				if i == j {
					want = 1
				}
				uu, vv := mat.Dot(u.ColView(i), u.ColView(j)), mat.Dot(v.ColView(i), v.ColView(j))
				if math.Abs(uu-want) > 1e-12 || math.Abs(vv-want) > 1e-12 {
					t.Fatalf("columns %d and %d: ⟨u,u⟩ = %g, ⟨v,v⟩ = %g, want %g", i, j, uu, vv, want)
				}
			}
		}
		var av mat.Dense
		av.Mul(a, v)
		for k := range r { // A·v = σu
			for i := range d1 {
				if e := av.At(i, k) - sigma[k]*u.At(i, k); math.Abs(e) > 1e-6 {
					t.Fatalf("(Av − σu)%d,%d = %g", i, k, e)
				}
			}
		}
	})
}

// TestRandomEigen has eigenvalues of both signs: the largest are asked for, not
// those of largest size.
func TestRandomEigen(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	const d, r = 30, 3
	q := normal(rng, d, d)
	Orthonormalise(q)
	values := make([]float64, d)
	copy(values, []float64{-9, 5, -4, 3, -2, 1, -0.5})
	var a mat.Dense
	a.Mul(q, mat.NewDiagDense(d, values))
	a.Mul(&a, q.T())
	x, lambda := RandomEigen(times(&a), d, r, 8, rng)
	for k, want := range []float64{5, 3, 1} {
		if math.Abs(lambda[k]-want) > 1e-8 {
			t.Errorf("λ%d = %g, want %g", k+1, lambda[k], want)
		}
	}
	var ax mat.Dense
	ax.Mul(&a, x)
	for k := range r {
		for i := range d {
			if e := ax.At(i, k) - lambda[k]*x.At(i, k); math.Abs(e) > 1e-6 {
				t.Fatalf("(Ax − λx)%d,%d = %g", i, k, e)
			}
		}
	}
}

// Products that are not finite or are all zero must come back, not panic.
func TestDegenerateProducts(t *testing.T) {
	for name, v := range map[string]float64{"NaN": math.NaN(), "Inf": math.Inf(1)} {
		broken := func(dst *mat.Dense, _ bool, _ *mat.Dense) {
			dst.Copy(filled(dst.RawMatrix().Rows, dst.RawMatrix().Cols, v))
		}
		rng := rand.New(rand.NewPCG(1, 1))
		if _, sigma, _ := RandomSVD(broken, 6, 5, 2, 2, rng); !math.IsNaN(sigma[0]) {
			t.Errorf("%s: σ1 = %g, want NaN", name, sigma[0])
		}
		if _, lambda := RandomEigen(broken, 6, 2, 2, rng); !math.IsNaN(lambda[0]) {
			t.Errorf("%s: λ1 = %g, want NaN", name, lambda[0])
		}
	}
	zero := func(dst *mat.Dense, _ bool, _ *mat.Dense) { dst.Zero() }
	rng := rand.New(rand.NewPCG(1, 1))
	if u, sigma, _ := RandomSVD(zero, 6, 5, 2, 2, rng); sigma[0] != 0 || math.IsNaN(mat.Norm(u, 2)) {
		t.Errorf("of 0: σ1 = %g, ‖u‖ = %g", sigma[0], mat.Norm(u, 2))
	}
}
