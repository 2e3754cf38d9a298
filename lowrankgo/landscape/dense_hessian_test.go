package landscape_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// spectrumCase is one case of testdata/spectrum.json: the Hessian of an
// objective as automatic differentiation gave it, and its eigenvalues.
type spectrumCase struct {
	Name, Kind                        string
	As                                [][][]float64
	B                                 []float64
	Mask, Mstar, A, Xstar, U, V       [][]float64
	P, Lambda, Alpha, Lambda1, Alpha1 float64
	Lambda2, Alpha2, Value            float64
	Eigenvalues                       []float64
	Zeros                             int     `json:"zero_eigenvalues"`
	Least                             float64 `json:"lambda_min"`
}

func rowsOf(rows [][]float64) *mat.Dense {
	if rows == nil {
		return nil
	}
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		m.SetRow(i, row)
	}
	return m
}

func (c spectrumCase) point() *lr.Factors { return &lr.Factors{U: rowsOf(c.U), V: rowsOf(c.V)} }

// problem makes the objective of the case; one with ⅛R has Balance.
func (c spectrumCase) problem(t *testing.T) lr.Problem {
	t.Helper()
	r, symmetric := len(c.U[0]), c.V == nil
	var p lr.Problem
	var err error
	switch c.Kind {
	case "sensing_asym", "sensing_sym":
		d1, d2 := len(c.As[0]), len(c.As[0][0])
		rows := mat.NewDense(len(c.As), d1*d2, nil)
		for i, a := range c.As {
			rows.SetRow(i, slices.Concat(a...))
		}
		op, e := operator.NewDense(d1, d2, rows)
		if e != nil {
			t.Fatal(e)
		}
		p, err = problem.Sensing{Operator: op, B: c.B, Rank: r, Scale: problem.ScaleMean, Symmetric: symmetric}.New()
	case "completion_asym", "completion_sym":
		d := problem.Completion{D1: len(c.Mask), D2: len(c.Mask[0]), Rank: r, P: c.P, Symmetric: symmetric}
		for i, row := range c.Mask {
			for j, seen := range row {
				if seen != 0 {
					d.Rows, d.Cols, d.Values = append(d.Rows, i), append(d.Cols, j), append(d.Values, c.Mstar[i][j])
				}
			}
		}
		q := problem.RowNorm{Lambda: c.Lambda1, Alpha: c.Alpha1, LambdaV: c.Lambda2, AlphaV: c.Alpha2}
		if symmetric {
			q = problem.RowNorm{Lambda: c.Lambda, Alpha: c.Alpha}
		}
		if q.Of, err = d.New(); err == nil {
			p, err = q.New()
		}
	case "factorisation":
		p, err = problem.Factorisation{A: rowsOf(c.A), Rank: r, Symmetric: true}.New()
	case "factorisation_asym":
		p, err = problem.Factorisation{A: rowsOf(c.Xstar), Rank: r}.New()
	default:
		t.Fatalf("unknown kind %q", c.Kind)
	}
	if err == nil && (c.Kind == "sensing_asym" || c.Kind == "completion_asym") {
		p, err = problem.Balance{Of: p, Mu: 0.5}.New()
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestHessianEigenvaluesVectors compares whole spectra with an independent
// implementation: at minimisers, saddles and random points, with and without
// regularisers.
func TestHessianEigenvaluesVectors(t *testing.T) {
	data, err := os.ReadFile("testdata/spectrum.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []spectrumCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) != 20 {
		t.Errorf("%d cases, want 20", len(cases))
	}
	for _, c := range cases {
		p, x := c.problem(t), c.point()
		if v := p.NewEval().Grad(nil, x); math.Abs(v-c.Value) > 1e-10*(1+c.Value) {
			t.Errorf("%s: the value is %v, want %v", c.Name, v, c.Value)
		}
		got, err := landscape.HessianEigenvalues(context.Background(), p, x)
		if err != nil {
			t.Fatal(err)
		}
		largest := math.Max(math.Abs(c.Eigenvalues[0]), math.Abs(c.Eigenvalues[len(c.Eigenvalues)-1]))
		if len(got) != len(c.Eigenvalues) {
			t.Fatalf("%s: %d eigenvalues, want %d", c.Name, len(got), len(c.Eigenvalues))
		}
		zeros := 0
		for i, v := range got {
			if math.Abs(v-c.Eigenvalues[i]) > 1e-10*(1+largest) {
				t.Errorf("%s: eigenvalue %d is %v, want %v", c.Name, i, v, c.Eigenvalues[i])
			}
			if math.Abs(v) < 1e-10*largest {
				zeros++
			}
		}
		if zeros != c.Zeros {
			t.Errorf("%s: %d zeros, want %d", c.Name, zeros, c.Zeros)
		}
	}
}

// slowEigenvalues is the plain twin: the Hessian by central differences of the
// gradient, its eigenvalues by Jacobi rotations.
func slowEigenvalues(p lr.Problem, x *lr.Factors) []float64 {
	entries := func(y *lr.Factors) []*float64 {
		var out []*float64
		for _, m := range []*mat.Dense{y.U, y.V} {
			if m == nil {
				continue
			}
			data := m.RawMatrix().Data
			for k := range data {
				out = append(out, &data[k])
			}
		}
		return out
	}
	eval, at, up, down := p.NewEval(), x.Clone(), x.Clone(), x.Clone()
	vars, ups, downs := entries(at), entries(up), entries(down)
	n, h := len(vars), 1e-5
	a := make([][]float64, n)
	for i := range a {
		a[i] = make([]float64, n)
		keep := *vars[i]
		*vars[i] = keep + h
		eval.Grad(up, at)
		*vars[i] = keep - h
		eval.Grad(down, at)
		*vars[i] = keep
		for j := range a[i] {
			a[i][j] = (*ups[j] - *downs[j]) / (2 * h)
		}
	}
	for range 12 * n * n { // rotations, one for each entry above the diagonal in turn
		for p := range n {
			for q := p + 1; q < n; q++ {
				jacobiRotate(a, p, q)
			}
		}
		off := 0.0
		for i := range n {
			for j := range i {
				off = math.Max(off, math.Abs(a[i][j]+a[j][i]))
			}
		}
		if off < 1e-13 {
			break
		}
	}
	var out []float64
	for i := range a {
		out = append(out, a[i][i])
	}
	slices.Sort(out)
	return out
}

// jacobiRotate makes the symmetric part of a 0 at (p, q).
func jacobiRotate(a [][]float64, p, q int) {
	mean := (a[p][q] + a[q][p]) / 2
	if mean == 0 {
		return
	}
	s, c := math.Sincos(math.Atan2(2*mean, a[q][q]-a[p][p]) / 2)
	for k := range a {
		a[k][p], a[k][q] = c*a[k][p]-s*a[k][q], s*a[k][p]+c*a[k][q]
	}
	for k := range a {
		a[p][k], a[q][k] = c*a[p][k]-s*a[q][k], s*a[p][k]+c*a[q][k]
	}
}

// TestHessianEigenvaluesTwin compares with the plain twin, for any shape.
func TestHessianEigenvaluesTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 6).Draw(t, "d1"), rapid.IntRange(1, 6).Draw(t, "d2")
		symmetric := rapid.Bool().Draw(t, "symmetric")
		if symmetric {
			d2 = d1
		}
		r := rapid.IntRange(1, min(d1, d2)).Draw(t, "r")
		seed := rapid.Uint64().Draw(t, "seed")
		rng := lr.Stream(seed, "spectrum")
		a := lr.NormalMatrix(rng, d1, d2)
		if symmetric {
			a.Add(a, mat.DenseCopyOf(a.T()))
		}
		p, err := problem.Factorisation{A: a, Rank: r, Symmetric: symmetric}.New()
		if err != nil {
			t.Fatal(err)
		}
		x := lr.NewPoint(p)
		x.U.Copy(lr.NormalMatrix(rng, d1, r))
		if x.V != nil {
			x.V.Copy(lr.NormalMatrix(rng, d2, r))
		}
		if rapid.Bool().Draw(t, "deficient") {
			x.U.Slice(0, d1, 0, 1).(*mat.Dense).Zero()
		}
		got, err := landscape.HessianEigenvalues(context.Background(), p, x)
		if err != nil {
			t.Fatal(err)
		}
		want := slowEigenvalues(p, x)
		largest := math.Max(math.Abs(want[0]), math.Abs(want[len(want)-1]))
		for i, v := range got {
			if math.Abs(v-want[i]) > 1e-7*(1+largest) {
				t.Fatalf("eigenvalue %d is %v, want %v", i, v, want[i])
			}
		}
	})
}

// TestHessianEigenvaluesThreads: the same bits for any number of threads.
func TestHessianEigenvaluesThreads(t *testing.T) {
	p, err := problem.RandomCompletion{D1: 30, D2: 25, Rank: 2, P: 0.5, Seed: 7}.New()
	if err != nil {
		t.Fatal(err)
	}
	x, err := initial.Random{Seed: 3}.Point(p)
	if err != nil {
		t.Fatal(err)
	}
	var first []float64
	for _, procs := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(procs)
		got, err := landscape.HessianEigenvalues(context.Background(), p, x)
		runtime.GOMAXPROCS(old)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = got
		}
		if !slices.Equal(got, first) {
			t.Errorf("GOMAXPROCS %d gives other eigenvalues", procs)
		}
	}
}

// TestHessianEigenvaluesErrors: what is wrong is named, and a context that has
// ended ends it.
func TestHessianEigenvaluesErrors(t *testing.T) {
	p, err := problem.Factorisation{A: mat.NewDense(3, 2, []float64{1, 0, 0, 2, 0, 0}), Rank: 1}.New()
	if err != nil {
		t.Fatal(err)
	}
	large, err := problem.RandomCompletion{D1: 600, D2: 500, Rank: 2, P: 0.1, Seed: 1}.New()
	if err != nil {
		t.Fatal(err)
	}
	plain := lr.Funcs{Name: "plain", D1: 3, D2: 2, Rank: 1, GradFunc: func(dst, x *lr.Factors) float64 { return 0 }}
	bad := plain
	bad.HessFunc = func(dst, x, d *lr.Factors) { dst.CopyFrom(d); dst.Scale(math.NaN()) }
	broken := plain
	broken.HessFunc = func(dst, x, d *lr.Factors) { panic("boom") }
	nan := lr.NewFactors(3, 2, 1)
	nan.V.Set(1, 0, math.NaN())
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		says  string
		wraps error
		ctx   context.Context
		p     lr.Problem
		x     *lr.Factors
	}{
		{"there is no problem", lr.ErrEmpty, nil, nil, lr.NewFactors(3, 2, 1)},
		{"wants U 3×1, V 2×1", lr.ErrShape, nil, p, lr.NewFactors(3, 3, 1)},
		{"the point has no U", lr.ErrShape, nil, p, nil},
		{"NaN or infinite", lr.ErrValue, nil, p, nan},
		{"has 2200 variables; at most 2000", lr.ErrValue, nil, large, lr.NewPoint(large)},
		{"plain has no Hessian-vector products (HessVec); use Certify", lr.ErrAbility, nil, plain, lr.NewFactors(3, 2, 1)},
		{"the Hessian of plain has NaN", lr.ErrValue, nil, bad, lr.NewFactors(3, 2, 1)},
		{"plain panics while its Hessian is formed: boom", lr.ErrFailed, nil, broken, lr.NewFactors(3, 2, 1)},
		{"context canceled", context.Canceled, ended, p, lr.NewFactors(3, 2, 1)},
	} {
		if c.ctx == nil {
			c.ctx = context.Background()
		}
		_, err := landscape.HessianEigenvalues(c.ctx, c.p, c.x)
		if !errors.Is(err, c.wraps) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v does not say %q", err, c.says)
		}
	}
}

func ExampleHessianEigenvalues() {
	// A diagonal target without its largest entry is a saddle of ½‖UUᵀ − A‖²:
	// the way down to the missing pair has curvature −2(4 − 1).
	a := mat.NewDense(3, 3, []float64{4, 0, 0, 0, 2, 0, 0, 0, 1})
	p, err := problem.Factorisation{A: a, Rank: 2, Symmetric: true}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := initial.Saddle{}.Point(p)
	if err != nil {
		fmt.Println(err)
		return
	}
	values, err := landscape.HessianEigenvalues(context.Background(), p, x)
	fmt.Printf("%.4f of %d, %v\n", values[:2], len(values), err)
	// Output: [-6.0000 -4.0000] of 6, <nil>
}
