package operator_test

import (
	"encoding/json"
	"math"
	"os"
	"sort"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// naiveGaussian is ⟨Aᵢ, M⟩ by plain loops.
func naiveGaussian(g *operator.Gaussian) func(mat.Matrix) []float64 {
	d1, d2, m := g.Dims()
	return func(x mat.Matrix) []float64 {
		out := make([]float64, m)
		for n := range out {
			a := g.Matrix(n)
			for i := range d1 {
				for j := range d2 {
					out[n] += a.At(i, j) * x.At(i, j)
				}
			}
		}
		return out
	}
}

// naiveMask looks at every place of the matrix, in row-major order.
func naiveMask(d1, d2 int, seen map[[2]int]bool) func(mat.Matrix) []float64 {
	return func(x mat.Matrix) []float64 {
		var out []float64
		for i := range d1 {
			for j := range d2 {
				if seen[[2]int{i, j}] {
					out = append(out, x.At(i, j))
				}
			}
		}
		return out
	}
}

func gaussian(t testing.TB, d1, d2, m int) *operator.Gaussian {
	t.Helper()
	g, err := operator.NewGaussian(d1, d2, m, 1)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func places(m *operator.Mask) map[[2]int]bool {
	_, _, n := m.Dims()
	seen := map[[2]int]bool{}
	for e := range n {
		i, j := m.Entry(e)
		seen[[2]int{i, j}] = true
	}
	return seen
}

// TestSuite runs the conformance suite at sizes that are one block of work,
// many blocks with a tail, and as small as can be.
func TestSuite(t *testing.T) {
	for _, s := range [][3]int{{7, 5, 9}, {1, 1, 1}, {1, 6, 3}, {6, 1, 4}, {40, 50, 203}, {60, 60, 37}, {190, 180, 21}} {
		g := gaussian(t, s[0], s[1], s[2])
		t.Run(g.String(), func(t *testing.T) { lowranktest.TestOperator(t, g, naiveGaussian(g)) })
	}
	for _, c := range []struct {
		d1, d2 int
		p      float64
	}{{7, 5, 0.5}, {1, 1, 1}, {1, 9, 0.7}, {9, 1, 0.7}, {40, 30, 0.05}, {150, 170, 0.9}, {3000, 3, 0.5}} {
		m, err := operator.NewBernoulliMask(c.d1, c.d2, c.p, 3)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(m.String(), func(t *testing.T) {
			lowranktest.TestOperator(t, m, naiveMask(c.d1, c.d2, places(m)))
		})
	}
}

// TestVectors compares 𝒜, 𝒜* and 𝒜*𝒜 with an independent implementation; see
// testdata/README.md.
func TestVectors(t *testing.T) {
	data, err := os.ReadFile("testdata/adjoints.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Operator string
		D1, D2         int
		As             [][][]float64
		Mask           [][]float64
		X, ATy, ATAX   [][]float64
		Y, AX          []float64
		Inner          float64
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 6 {
		t.Fatalf("%d cases, want at least 6", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			var op lr.Operator
			if c.Operator == "dense" {
				op = fromMatrices(t, c.D1, c.D2, c.As)
			} else {
				op = fromMask(t, c.Mask)
			}
			e, x := op.NewEval(), rows(c.X)
			ax := make([]float64, len(c.AX))
			e.Apply(ax, x, identity(c.D2), nil) // X·Iᵀ = X
			near(t, "𝒜(X)", ax, c.AX)
			e.Adjoint(c.Y)
			near(t, "𝒜*(y)", whole(e, c.D1, c.D2), flat(c.ATy))
			e.ApplyAdjoint(ax, x, identity(c.D2), nil)
			near(t, "𝒜*𝒜(X)", whole(e, c.D1, c.D2), flat(c.ATAX))
			var inner float64
			for i, v := range ax {
				inner += v * c.Y[i]
			}
			near(t, "⟨𝒜(X), y⟩", []float64{inner}, []float64{c.Inner})
		})
	}
}

func fromMatrices(t *testing.T, d1, d2 int, as [][][]float64) lr.Operator {
	t.Helper()
	all := mat.NewDense(len(as), d1*d2, nil)
	for i, a := range as {
		all.SetRow(i, flat(a))
	}
	g, err := operator.NewDense(d1, d2, all)
	if err != nil {
		t.Fatal(err)
	}
	all.Zero() // the numbers are copied
	return g
}

func fromMask(t *testing.T, mask [][]float64) lr.Operator {
	t.Helper()
	var is, js []int
	for i, row := range mask {
		for j, seen := range row {
			if seen != 0 {
				is, js = append(is, i), append(js, j)
			}
		}
	}
	m, _, err := operator.NewMask(len(mask), len(mask[0]), is, js)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// whole is the d1×d2 matrix that the evaluator's Mul applies.
func whole(e lr.OperatorEval, d1, d2 int) []float64 {
	dst := mat.NewDense(d1, d2, nil)
	e.Mul(dst, 0, false, identity(d2))
	return dst.RawMatrix().Data
}

func identity(n int) *mat.Dense {
	m := mat.NewDense(n, n, nil)
	for i := range n {
		m.Set(i, i, 1)
	}
	return m
}

func rows(a [][]float64) *mat.Dense { return mat.NewDense(len(a), len(a[0]), flat(a)) }

func flat(a [][]float64) []float64 {
	var out []float64
	for _, row := range a {
		out = append(out, row...)
	}
	return out
}

func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	var gap, size float64
	for i := range want {
		gap, size = math.Max(gap, math.Abs(got[i]-want[i])), math.Max(size, math.Abs(want[i]))
	}
	if !(gap <= 1e-10*(1+size)) {
		t.Errorf("%s: off by %g", what, gap)
	}
}

// TestMaskOrder gives distinct places in any order: the mask brings them into
// row-major order and says how.
func TestMaskOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 8).Draw(t, "d1"), rapid.IntRange(1, 8).Draw(t, "d2")
		at := rapid.SliceOfNDistinct(rapid.IntRange(0, d1*d2-1), 1, d1*d2, rapid.ID[int]).Draw(t, "places")
		is, js := make([]int, len(at)), make([]int, len(at))
		for k, p := range at {
			is[k], js[k] = p/d2, p%d2
		}
		m, order, err := operator.NewMask(d1, d2, is, js)
		if err != nil {
			t.Fatal(err)
		}
		sorted := append([]int(nil), at...)
		sort.Ints(sorted)
		inRows, inCols := make([]int, d1), make([]int, d2)
		for e, p := range sorted {
			i, j := m.Entry(e)
			if i*d2+j != p || at[order[e]] != p {
				t.Fatalf("entry %d is (%d, %d) with order %d → place %d, want place %d", e, i, j, order[e], at[order[e]], p)
			}
			inRows[i]++
			inCols[j]++
		}
		for i, n := range m.RowCounts() {
			if n != inRows[i] {
				t.Fatalf("row %d counts %d, want %d", i, n, inRows[i])
			}
		}
		for j, n := range m.ColCounts() {
			if n != inCols[j] {
				t.Fatalf("column %d counts %d, want %d", j, n, inCols[j])
			}
		}
	})
}

// TestBernoulliShare checks that the share of entries is p within five
// standard deviations, and that seeds give different masks.
func TestBernoulliShare(t *testing.T) {
	const d, p = 300, 0.3
	a, err := operator.NewBernoulliMask(d, d, p, 1)
	if err != nil {
		t.Fatal(err)
	}
	_, _, n := a.Dims()
	if sd := math.Sqrt(d * d * p * (1 - p)); math.Abs(float64(n)-d*d*p) > 5*sd {
		t.Errorf("%d entries, want %g ± %g", n, d*d*p, 5*sd)
	}
	b, err := operator.NewBernoulliMask(d, d, p, 2)
	if err != nil {
		t.Fatal(err)
	}
	seen, both := places(a), 0
	for at := range places(b) {
		if seen[at] {
			both++
		}
	}
	if float64(both) > 0.5*float64(n) {
		t.Errorf("two seeds share %d of %d entries, want about %g of them", both, n, p)
	}
}

// TestGaussianMoments checks mean 0 and variance 1 within five standard
// deviations.
func TestGaussianMoments(t *testing.T) {
	g := gaussian(t, 20, 30, 100)
	var sum, sq float64
	for i := range 100 {
		for _, v := range g.Matrix(i).RawMatrix().Data {
			sum += v
			sq += v * v
		}
	}
	const n = 20 * 30 * 100
	if mean := sum / n; math.Abs(mean) > 5/math.Sqrt(n) {
		t.Errorf("mean %g of %d entries", mean, n)
	}
	if v := sq / n; math.Abs(v-1) > 5*math.Sqrt(2.0/n) {
		t.Errorf("variance %g of %d entries", v, n)
	}
}

// A copy is given away: changing it leaves the operator as it was.
func TestMatrixIsACopy(t *testing.T) {
	g := gaussian(t, 3, 2, 4)
	before := g.Matrix(1)
	g.Matrix(1).Zero()
	if !mat.Equal(g.Matrix(1), before) {
		t.Error("Matrix gives the operator's own memory")
	}
}
