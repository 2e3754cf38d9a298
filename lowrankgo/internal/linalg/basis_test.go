package linalg

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// columns is the n×k matrix that is held by columns.
func columns(a []float64, n, k int) *mat.Dense {
	return mat.DenseCopyOf(mat.NewDense(k, n, a[:n*k]).T())
}

// byColumns is a by columns.
func byColumns(a *mat.Dense) []float64 {
	n, k := a.Dims()
	out := make([]float64, 0, n*k)
	for j := range k {
		out = append(out, mat.Col(nil, j, a)...)
	}
	return out
}

// orthonormalOr0 fails unless the columns are orthonormal, those that are 0 left
// out, and returns how many are not 0.
func orthonormalOr0(t rapid.TB, a []float64, n, k int) int {
	t.Helper()
	var gram mat.Dense
	q := columns(a, n, k)
	gram.Mul(q.T(), q)
	count := 0
	for i := range k {
		for j := range k {
			want := 0.0
			if i == j && gram.At(i, i) != 0 {
				want = 1
				count++
			}
			if e := math.Abs(gram.At(i, j) - want); !(e < 1e-14) {
				t.Fatalf("⟨q%d, q%d⟩ is off by %g", i, j, e)
			}
		}
	}
	return count
}

// TestThinQR holds A = QT, orthonormal columns and the number of those that are
// left against a matrix of known rank, also one with a condition number of 1e12
// and one that has fewer rows than columns.
func TestThinQR(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(1, 30).Draw(t, "n"), rapid.IntRange(1, 9).Draw(t, "k")
		rank := rapid.IntRange(1, min(n, k)).Draw(t, "rank")
		scale := rapid.SampledFrom([]float64{1, 1e-12, 1e-150, 1e140}).Draw(t, "scale")
		from := rapid.IntRange(0, rank).Draw(t, "from")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		whole := mat.NewDense(n, k, nil)
		whole.Mul(normal(rng, n, rank), normal(rng, rank, k))
		a := byColumns(whole)
		ThinQR(a, n, from, 0, nil) // the columns before from are orthonormal
		for i := from * n; i < len(a); i++ {
			a[i] *= scale
		}
		want := columns(a, n, k)
		tri := make([]float64, k*k)
		for i := range from {
			tri[i*k+i] = 1
		}
		ThinQR(a, n, k, from, tri)
		orthonormalOr0(t, a, n, k)
		var got mat.Dense
		got.Mul(columns(a, n, k), mat.NewDense(k, k, tri))
		for i := range n {
			for j := range k {
				if e := math.Abs(got.At(i, j) - want.At(i, j)); !(e <= 1e-13*(mat.Norm(want, 2)*scale+scale) || (j < from && e < 1e-14)) {
					t.Fatalf("A(%d, %d) is off by %g (scale %g)", i, j, e, scale)
				}
				if i < k && i > j && tri[i*k+j] != 0 {
					t.Fatalf("T(%d, %d) = %g below the diagonal", i, j, tri[i*k+j])
				}
			}
		}
	})
}

// A column that depends on others is 0, not noise brought to length 1; Fill
// makes a basis of what is left.
func TestThinQRDependentAndFill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "n")
		k := rapid.IntRange(1, n).Draw(t, "k")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		a := make([]float64, n*k)
		var distinct []int
		for j := range k { // a coordinate vector, perhaps one that was there, or 0
			i := rng.IntN(n + 1)
			if i < n {
				a[j*n+i] = rng.NormFloat64()
				known := false
				for _, d := range distinct {
					known = known || d == i
				}
				if !known {
					distinct = append(distinct, i)
				}
			}
		}
		ThinQR(a, n, k, 0, nil)
		if got := orthonormalOr0(t, a, n, k); got != len(distinct) {
			t.Fatalf("%d columns are left of rank %d", got, len(distinct))
		}
		before := append([]float64(nil), a...)
		Fill(a, n, k)
		if got := orthonormalOr0(t, a, n, k); got != k {
			t.Fatalf("%d columns of %d are not 0 after Fill", got, k)
		}
		for i, v := range before {
			if v != 0 && a[i] != v {
				t.Fatalf("Fill changed a column that was not 0")
			}
		}
	})
}

func TestCombine(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for m := range 11 {
		const n = 7
		a, c := normal(rng, n, 11), normal(rng, 1, 11).RawRowView(0)[:m]
		got := normal(rng, 1, n).RawRowView(0)
		Combine(got, byColumns(a), c)
		for i := range n {
			var want float64
			for j, v := range c {
				want += v * a.At(i, j)
			}
			if math.Abs(got[i]-want) > 1e-13 {
				t.Fatalf("of %d columns: entry %d is %g, want %g", m, i, got[i], want)
			}
		}
	}
}

// TestJacobi compares with gonum's SVD and with A = Σ w jᵀ, for every rank.
func TestJacobi(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		rank := rapid.IntRange(0, n).Draw(t, "rank")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		a := mat.NewDense(n, n, nil)
		if rank > 0 {
			a.Mul(normal(rng, n, rank), normal(rng, rank, n))
		}
		s := NewJacobi(n)
		for k := range n {
			copy(s.Column(k), mat.Col(nil, k, a))
		}
		s.Factorize()
		var svd mat.SVD
		if !svd.Factorize(a, mat.SVDNone) {
			t.Fatal("no SVD")
		}
		want := svd.Values(nil)
		sum, js := mat.NewDense(n, n, nil), mat.NewDense(n, n, nil)
		for k := range n {
			sigma, w, j := s.Triplet(k)
			if math.Abs(sigma-want[k]) > 1e-13*(1+want[0]) || math.Abs(norm2(w)-sigma) > 1e-13*(1+sigma) {
				t.Fatalf("σ%d = %g, ‖w‖ = %g, want %g", k+1, sigma, norm2(w), want[k])
			}
			sum.RankOne(sum, 1, mat.NewVecDense(n, w), mat.NewVecDense(n, j))
			js.SetRow(k, j)
		}
		var e mat.Dense
		if e.Sub(sum, a); mat.Norm(&e, 2) > 1e-13*(1+want[0]) {
			t.Fatalf("Σ w jᵀ is off by %g", mat.Norm(&e, 2))
		}
		orthonormalOr0(t, js.RawMatrix().Data, n, n)
	})
}

// A small singular value is found to its last digits where columns are scaled.
func TestJacobiSmallValues(t *testing.T) {
	s := NewJacobi(3)
	copy(s.Column(0), []float64{0, 2e-30, 0})
	copy(s.Column(1), []float64{3e200, 0, 4e200})
	copy(s.Column(2), []float64{0, 0, 0})
	s.Factorize()
	for k, want := range []float64{5e200, 2e-30, 0} {
		if got, _, _ := s.Triplet(k); math.Abs(got-want) > 1e-15*want {
			t.Errorf("σ%d = %g, want %g", k+1, got, want)
		}
	}
}

func TestBasesAllocateNothing(t *testing.T) {
	a, tri, s := normal(rand.New(rand.NewPCG(1, 1)), 4, 20).RawMatrix().Data, make([]float64, 16), NewJacobi(4)
	out := make([]float64, 20)
	if n := testing.AllocsPerRun(50, func() {
		ThinQR(a, 20, 4, 0, tri)
		Fill(a, 20, 4)
		Combine(out, a, tri[:4])
		copy(s.Column(0), tri)
		s.Factorize()
	}); n > 0 {
		t.Errorf("%g allocations, want none", n)
	}
}
