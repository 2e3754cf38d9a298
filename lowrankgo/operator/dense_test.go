package operator_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

// matrices is a map that can show its sensing matrices.
type matrices interface {
	lr.Operator
	Matrix(i int) *mat.Dense
}

// naiveMatrices is ⟨Aᵢ, M⟩ by plain loops.
func naiveMatrices(op matrices) func(mat.Matrix) []float64 {
	_, _, m := op.Dims()
	as := make([]*mat.Dense, m)
	for i := range as {
		as[i] = op.Matrix(i)
	}
	return func(x mat.Matrix) []float64 {
		out := make([]float64, m)
		for i := range out {
			out[i] = plainInner(as[i], x)
		}
		return out
	}
}

func plainInner(a, b mat.Matrix) (s float64) {
	r, c := a.Dims()
	for i := range r {
		for j := range c {
			s += a.At(i, j) * b.At(i, j)
		}
	}
	return s
}

// fuzzed runs test at sizes d1×d2 and m drawn from a seed that it prints, and
// at the smallest ones.
func fuzzed(t *testing.T, test func(t *testing.T, d1, d2, m int)) {
	t.Helper()
	const seed = 20170401
	rng := lr.Stream(seed, "sizes "+t.Name())
	sizes := [][3]int{{1, 1, 1}, {1, 7, 3}, {7, 1, 3}}
	for range 6 {
		sizes = append(sizes, [3]int{1 + rng.IntN(24), 1 + rng.IntN(24), 1 + rng.IntN(60)})
	}
	for _, s := range sizes {
		t.Run(fmt.Sprintf("%d×%d, m %d, seed %d", s[0], s[1], s[2], seed), func(t *testing.T) { test(t, s[0], s[1], s[2]) })
	}
}

// made is an operator or form whose constructor must succeed.
func made[T any](t testing.TB) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestNilMatrices gives pointers that are nil, as an ignored error leaves them.
func TestNilMatrices(t *testing.T) {
	var none *mat.Dense
	one := mat.NewDense(1, 1, []float64{1})
	for name, f := range map[string]func() error{
		"NewDense":   func() error { _, err := operator.NewDense(1, 1, none); return err },
		"NewRankOne": func() error { _, err := operator.NewRankOne(none, one); return err },
		"DenseForm":  func() error { _, err := operator.DenseForm{D1: 1, D2: 1, H: none}.New(); return err },
	} {
		if f() == nil {
			t.Errorf("%s takes a nil matrix", name)
		}
	}
	if _, err := operator.NewRankOne(one, none); err != nil {
		t.Errorf("NewRankOne with a nil b, which means b = a: %v", err)
	}
}

// normals is a slice of n N(0, 1) numbers.
func normals(rng *rand.Rand, n int) []float64 { return lr.NormalMatrix(rng, 1, n).RawRowView(0) }

// BenchmarkApplyAdjoint measures one gradient's worth of work on 100×100
// matrices with k = 5.
func BenchmarkApplyAdjoint(b *testing.B) {
	const d, m = 100, 1000
	for _, op := range []lr.Operator{
		made[*operator.Gaussian](b)(operator.NewGaussian(d, d, m, 1)),
		made[*operator.Gaussian](b)(operator.GaussianEnsemble{D1: d, D2: d, M: m, Seed: 1, MatrixFree: true}.New()),
		made[*operator.RankOne](b)(operator.RankOneEnsemble{D1: d, D2: d, M: m, Seed: 1}.New()),
		made[*operator.SubsampledTransform](b)(operator.NewSubsampledTransform(d, d, m, 1)),
		made[*operator.Identity](b)(operator.NewIdentity(d, d)),
	} {
		b.Run(fmt.Sprint(op), func(b *testing.B) {
			_, _, n := op.Dims()
			x, y := lr.NormalMatrix(lr.Stream(1, "x"), d, 5), lr.NormalMatrix(lr.Stream(1, "y"), d, 5)
			e, dst := op.NewEval(), make([]float64, n)
			gy, gx := mat.DenseCopyOf(x), mat.DenseCopyOf(y)
			for b.Loop() {
				e.ApplyAdjoint(dst, x, y, nil)
				e.Mul(gy, 0, false, y)
				e.Mul(gx, 0, true, x)
			}
		})
	}
}

// TestLargeSuite has many blocks of rows and of columns with a tail, for the
// work on d1×d2 matrices that maps share.
func TestLargeSuite(t *testing.T) {
	id := made[*operator.Identity](t)(operator.NewIdentity(231, 317))
	lowranktest.TestOperator(t, id, naiveIdentity)
}
