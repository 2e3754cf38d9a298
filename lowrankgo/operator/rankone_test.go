package operator_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

// naiveRankOne is aᵢᵀMbᵢ by plain loops.
func naiveRankOne(op *operator.RankOne) func(mat.Matrix) []float64 {
	_, _, m := op.Dims()
	return func(x mat.Matrix) []float64 {
		out := make([]float64, m)
		for n := range out {
			a, b := op.Vectors(n)
			for i, u := range a {
				for j, v := range b {
					out[n] += u * x.At(i, j) * v
				}
			}
		}
		return out
	}
}

func rankOne(t testing.TB, g operator.RankOneEnsemble) *operator.RankOne {
	t.Helper()
	return made[*operator.RankOne](t)(g.New())
}

func TestRankOneSuite(t *testing.T) {
	fuzzed(t, func(t *testing.T, d1, d2, m int) {
		op := rankOne(t, operator.RankOneEnsemble{D1: d1, D2: d2, M: m, Seed: 4})
		lowranktest.TestOperator(t, op, naiveRankOne(op))
	})
	fuzzed(t, func(t *testing.T, d, _, m int) {
		op := rankOne(t, operator.RankOneEnsemble{D1: d, M: m, Seed: 4, Symmetric: true})
		lowranktest.TestOperator(t, op, naiveRankOne(op))
	})
	// Many blocks.
	op := rankOne(t, operator.RankOneEnsemble{D1: 90, D2: 110, M: 1501, Seed: 4})
	lowranktest.TestOperator(t, op, naiveRankOne(op))
}

// A symmetric map at x = y saves half the work; it must not save on results.
func TestRankOneSquares(t *testing.T) {
	op := rankOne(t, operator.RankOneEnsemble{D1: 13, M: 40, Seed: 2, Symmetric: true})
	x := lr.NormalMatrix(lr.Stream(2, "x"), 13, 5)
	e, same, other := op.NewEval(), make([]float64, 40), make([]float64, 40)
	e.Apply(same, x, x, nil)
	e.Apply(other, x, mat.DenseCopyOf(x), nil)
	want := naiveRankOne(op)((&lr.Factors{U: x}).Dense())
	for i, v := range want {
		if same[i] != other[i] || math.Abs(same[i]-v) > 1e-10*(1+v) || v < 0 {
			t.Errorf("measurement %d is %v at x = y, %v at a copy; want %v ≥ 0", i, same[i], other[i], v)
		}
	}
}

// TestRankOneMoments checks the mean of ‖𝒜(M)‖²/m, ‖M‖² or 2‖M‖² + (tr M)².
func TestRankOneMoments(t *testing.T) {
	const d, m, seed = 6, 200000, 8
	u := lr.NormalMatrix(lr.Stream(seed, "u"), d, 2)
	full := (&lr.Factors{U: u}).Dense()
	sq, tr := plainInner(full, full), mat.Trace(full)
	for _, symmetric := range []bool{false, true} {
		want := map[bool]float64{false: sq, true: 2*sq + tr*tr}[symmetric]
		op := rankOne(t, operator.RankOneEnsemble{D1: d, D2: d, M: m, Seed: seed, Symmetric: symmetric})
		dst := make([]float64, m)
		op.NewEval().Apply(dst, u, u, nil)
		var sum, fourth float64
		for _, v := range dst {
			sum += v * v
			fourth += v * v * v * v
		}
		mean := sum / m
		if sd := math.Sqrt((fourth/m - mean*mean) / m); math.Abs(mean-want) > 5*sd {
			t.Errorf("%v, seed %d: the mean is %g ± %g, want %g", op, seed, mean, sd, want)
		}
	}
}

// The first vectors are the same for every number of measurements, and copies.
func TestRankOneVectors(t *testing.T) {
	few := rankOne(t, operator.RankOneEnsemble{D1: 4, D2: 3, M: 2, Seed: 1})
	many := rankOne(t, operator.RankOneEnsemble{D1: 4, D2: 3, M: 9, Seed: 1})
	a1, b1 := few.Vectors(1)
	a2, b2 := many.Vectors(1)
	for i := range a1 {
		if a1[i] != a2[i] || i < 3 && b1[i] != b2[i] {
			t.Fatal("the second vectors differ")
		}
	}
	a1[0]++
	if again, _ := few.Vectors(1); again[0] == a1[0] {
		t.Error("Vectors gives the map's own memory")
	}
	if few.Bytes() != 8*2*7 {
		t.Errorf("Bytes is %d, want %d", few.Bytes(), 8*2*7)
	}
	if sym := rankOne(t, operator.RankOneEnsemble{D1: 4, M: 2, Seed: 1, Symmetric: true}); sym.Bytes() != 8*2*4 {
		t.Errorf("Bytes of a symmetric map is %d, want %d", sym.Bytes(), 8*2*4)
	}
}

// TestRankOneVectorFile compares with an independent implementation; see
// testdata/README.md.
func TestRankOneVectorFile(t *testing.T) {
	var cases []struct {
		Name         string
		A, B         [][]float64
		X, ATy, ATAX [][]float64
		Y, AX        []float64
	}
	readCases(t, "testdata/rankone.json", &cases)
	if len(cases) != 2 {
		t.Fatalf("%d cases, want 2", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			a, b := rows(c.A), rows(c.B)
			op := made[*operator.RankOne](t)(operator.NewRankOne(a, b))
			compareCase(t, op, c.X, c.Y, c.AX, c.ATy, c.ATAX)
			if mat.Equal(a, b) {
				compareCase(t, made[*operator.RankOne](t)(operator.NewRankOne(a, nil)), c.X, c.Y, c.AX, c.ATy, c.ATAX)
			}
		})
	}
}

func readCases(t *testing.T, file string, cases any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, cases); err != nil {
		t.Fatal(err)
	}
}

// compareCase holds 𝒜(X), 𝒜*(y) and 𝒜*𝒜(X) against known values, by factors
// and by dense matrices.
func compareCase(t *testing.T, op lr.Operator, x [][]float64, y, ax []float64, aty, atax [][]float64) {
	t.Helper()
	d1, d2, _ := op.Dims()
	e, got, full := lr.DenseEvalOf(op), make([]float64, len(ax)), mat.NewDense(d1, d2, nil)
	e.ApplyDense(got, rows(x), nil)
	near(t, "𝒜(X)", got, ax)
	e.Adjoint(y)
	e.AdjointDense(full)
	near(t, "𝒜*(y)", full.RawMatrix().Data, flat(aty))
	near(t, "𝒜*(y)·I", whole(e, d1, d2), flat(aty))
	e.ApplyAdjoint(got, rows(x), identity(d2), nil)
	near(t, "𝒜(X·Iᵀ)", got, ax)
	near(t, "𝒜*𝒜(X)", whole(e, d1, d2), flat(atax))
}

func TestRankOneErrors(t *testing.T) {
	a := mat.NewDense(3, 2, []float64{1, 2, 3, 4, 5, 6})
	nan := mat.NewDense(3, 2, []float64{1, 2, 3, 4, math.Inf(1), 6})
	build := func(a, b mat.Matrix) error { _, err := operator.NewRankOne(a, b); return err }
	draw := func(g operator.RankOneEnsemble) error { _, err := g.New(); return err }
	for _, c := range []struct {
		name string
		err  error
		kind error
		says []string
	}{
		{"no a", build(nil, a), lr.ErrEmpty, []string{"no a", "m×d1"}},
		{"empty a", build(&mat.Dense{}, nil), lr.ErrShape, []string{"0×0"}},
		{"uneven", build(a, mat.NewDense(2, 5, nil)), lr.ErrShape, []string{"3 rows aᵢ", "2 rows bᵢ"}},
		{"infinite a", build(nan, nil), lr.ErrValue, []string{"(2, 0) of a", "Inf"}},
		{"infinite b", build(a, nan), lr.ErrValue, []string{"(2, 0) of b"}},
		{"not square", draw(operator.RankOneEnsemble{D1: 2, D2: 3, M: 1, Symmetric: true}), lr.ErrShape, []string{"2×3", "D1 = D2"}},
		{"no columns", draw(operator.RankOneEnsemble{D1: 2, M: 1}), lr.ErrShape, []string{"2×0"}},
		{"no measurements", draw(operator.RankOneEnsemble{D1: 2, D2: 3}), lr.ErrEmpty, []string{"m = 0"}},
		{"too many", draw(operator.RankOneEnsemble{D1: 2, D2: 3, M: math.MaxInt}), lr.ErrValue, []string{"accepted"}},
	} {
		checkError(t, c.name, c.err, c.kind, c.says)
	}
}

func checkError(t *testing.T, name string, err, kind error, says []string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("%s: the error is %v; want one that wraps %q", name, err, kind)
		return
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("%s: %q does not say %q", name, err, s)
		}
	}
}
