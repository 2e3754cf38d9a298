package operator_test

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

func subsampled(t testing.TB, d1, d2, m int, seed uint64) *operator.SubsampledTransform {
	t.Helper()
	return made[*operator.SubsampledTransform](t)(operator.NewSubsampledTransform(d1, d2, m, seed))
}

func TestTransformSuite(t *testing.T) {
	fuzzed(t, func(t *testing.T, d1, d2, m int) {
		op := subsampled(t, d1, d2, min(m, d1*d2), 5)
		lowranktest.TestOperator(t, op, naiveMatrices(op))
	})
	// Many blocks, and a size with a large prime factor.
	op := subsampled(t, 53, 160, 40, 5)
	lowranktest.TestOperator(t, op, naiveMatrices(op))
}

// cosineBasis is the matrix of the transform's place (p, q), by the formula.
func cosineBasis(d1, d2, p, q int) *mat.Dense {
	c := func(n, i, j int) float64 {
		if i == 0 {
			return math.Sqrt(1 / float64(n))
		}
		return math.Sqrt(2/float64(n)) * math.Cos(math.Pi*float64(i)*(2*float64(j)+1)/(2*float64(n)))
	}
	a := mat.NewDense(d1, d2, nil)
	for r := range d1 {
		for s := range d2 {
			a.Set(r, s, c(d1, p, r)*c(d2, q, s))
		}
	}
	return a
}

// TestTransformMatrices holds each Aᵢ against the formula: up to the signs,
// which all of them share, it is √(d1·d2) times a matrix of cosines, in
// row-major order of places.
func TestTransformMatrices(t *testing.T) {
	const d1, d2 = 5, 7
	all := subsampled(t, d1, d2, d1*d2, 3)
	first := all.Matrix(0) // the constant matrix: it shows the signs
	for i := range d1 * d2 {
		a, want := all.Matrix(i), cosineBasis(d1, d2, i/d2, i%d2)
		for r := range d1 {
			for c := range d2 {
				// first is ±1, so a·first is without signs.
				if got := a.At(r, c) * first.At(r, c); math.Abs(got-math.Sqrt(d1*d2)*want.At(r, c)) > 1e-13 {
					t.Fatalf("entry (%d, %d) of matrix %d is ±%g, want ±%g", r, c, i, got, math.Sqrt(d1*d2)*want.At(r, c))
				}
			}
		}
	}
	plus := 0
	for _, v := range first.RawMatrix().Data {
		if v > 0 {
			plus++
		}
	}
	if plus == 0 || plus == d1*d2 {
		t.Errorf("%d of %d signs are +1", plus, d1*d2)
	}
}

// TestTransformIsOrthogonal checks 𝒜𝒜* = d1·d2·I.
func TestTransformIsOrthogonal(t *testing.T) {
	const d1, d2, m = 30, 23, 100
	op := subsampled(t, d1, d2, m, 7)
	w := normals(lr.Stream(7, "w"), m)
	e, g, got := lr.DenseEvalOf(op), mat.NewDense(d1, d2, nil), make([]float64, m)
	e.Adjoint(w)
	e.AdjointDense(g)
	e.ApplyDense(got, g, nil)
	for i, v := range got {
		if math.Abs(v/(d1*d2)-w[i]) > 1e-13 {
			t.Fatalf("𝒜𝒜*w is %g at %d, want %g", v, i, d1*d2*w[i])
		}
	}
	if want := 8*((d1*d2+63)/64) + 8*m; op.Bytes() != want {
		t.Errorf("Bytes is %d, want %d", op.Bytes(), want)
	}
}

// TestSampleIsUniform counts how often each place is taken over many seeds;
// each count is binomial.
func TestSampleIsUniform(t *testing.T) {
	const d1, d2, m, seeds = 4, 5, 6, 4000
	counts := make([]float64, d1*d2)
	basis := make([]*mat.Dense, d1*d2)
	for i := range basis {
		basis[i] = cosineBasis(d1, d2, i/d2, i%d2)
	}
	for seed := range uint64(seeds) {
		op, last := subsampled(t, d1, d2, m, seed), -1
		for i := range m {
			place := placeOf(op.Matrix(i), basis)
			if place <= last {
				t.Fatalf("seed %d: place %d comes after %d", seed, place, last)
			}
			counts[place]++
			last = place
		}
	}
	const p = float64(m) / (d1 * d2)
	for i, n := range counts {
		if math.Abs(n-seeds*p) > 5*math.Sqrt(seeds*p*(1-p)) {
			t.Errorf("place %d is taken %g times in %d, want about %g", i, n, seeds, seeds*p)
		}
	}
}

// placeOf finds the place of a by sizes, which signs leave alone. Rows i and
// d−i of the transform differ in size of their entries for sizes 4 and 5.
func placeOf(a *mat.Dense, basis []*mat.Dense) int {
	best, gap := -1, math.Inf(1)
	n := float64(len(basis))
	for k, b := range basis {
		var off float64
		for i, v := range b.RawMatrix().Data {
			off += math.Abs(math.Abs(a.RawMatrix().Data[i]) - math.Sqrt(n)*math.Abs(v))
		}
		if off < gap {
			best, gap = k, off
		}
	}
	return best
}

// Seeds give different signs and places.
func TestTransformSeeds(t *testing.T) {
	a, b := subsampled(t, 8, 8, 64, 1), subsampled(t, 8, 8, 64, 2)
	if mat.Equal(a.Matrix(0), b.Matrix(0)) {
		t.Error("two seeds give the same signs")
	}
	if !mat.Equal(a.Matrix(5), subsampled(t, 8, 8, 64, 1).Matrix(5)) {
		t.Error("one seed gives two maps")
	}
}

func TestTransformErrors(t *testing.T) {
	build := func(d1, d2, m int) error { _, err := operator.NewSubsampledTransform(d1, d2, m, 1); return err }
	checkError(t, "no columns", build(3, 0, 1), lr.ErrShape, []string{"3×0"})
	checkError(t, "no measurements", build(3, 4, 0), lr.ErrValue, []string{"m = 0", "1 ≤ m ≤ 12"})
	checkError(t, "too many", build(3, 4, 13), lr.ErrValue, []string{"m = 13", "3×4", "1 ≤ m ≤ 12"})
}
