package problem_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// vector is one case of testdata/objectives.json; testdata/README.md says what
// the fields are and where they come from.
type vector struct {
	Name, Kind                       string
	As                               [][][]float64
	B                                []float64
	Xstar, Mstar, Mask               [][]float64
	Mu, P                            float64
	Lambda, Alpha                    float64
	Lambda1, Alpha1, Lambda2, Alpha2 float64
	U, V                             [][]float64
	DirU                             [][]float64 `json:"dir_U"`
	DirV                             [][]float64 `json:"dir_V"`
	GradU                            [][]float64 `json:"grad_U"`
	GradV                            [][]float64 `json:"grad_V"`
	HvpU                             [][]float64 `json:"hvp_U"`
	HvpV                             [][]float64 `json:"hvp_V"`
	Value, Curvature                 float64
}

func readVectors(t *testing.T) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/objectives.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func dense(rows [][]float64) *mat.Dense {
	if rows == nil {
		return nil
	}
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		m.SetRow(i, row)
	}
	return m
}

func factors(u, v [][]float64) *lr.Factors { return &lr.Factors{U: dense(u), V: dense(v)} }

// TestVectors compares value, gradient, Hessian product and curvature of every
// objective with an independent implementation: at a minimiser, at random, at
// a rank-deficient point with a zero row, for r = 1 and r = min(d1, d2).
func TestVectors(t *testing.T) {
	const tol = 1e-10
	seen := map[string]int{}
	for _, v := range readVectors(t) {
		seen[v.Kind]++
		t.Run(v.Name, func(t *testing.T) {
			h, ok := lr.HessVecOf(v.problem(t))
			if !ok {
				t.Fatal("no Hessian products")
			}
			x, d := factors(v.U, v.V), factors(v.DirU, v.DirV)
			grad, hess := x.Clone(), x.Clone()
			value := h.Grad(grad, x)
			h.HessVec(hess, x, d)
			value += v.penalties(grad, hess)
			near(t, "value", tol, scalar(value), scalar(v.Value))
			nearFactors(t, "gradient", tol, grad, factors(v.GradU, v.GradV))
			nearFactors(t, "Hessian product", tol, hess, factors(v.HvpU, v.HvpV))
			near(t, "curvature", tol, scalar(d.Dot(hess)), scalar(v.Curvature))
		})
	}
	for _, kind := range []string{"sensing_asym", "sensing_sym", "l_sensing", "completion_asym", "completion_sym", "balance"} {
		if seen[kind] < 5 {
			t.Errorf("%d cases of %s, want at least 5", seen[kind], kind)
		}
	}
}

// problem builds the objective of the case, without the row penalties Q of the
// completion kinds, which the library's Completion does not have; penalties
// adds those.
func (v *vector) problem(t *testing.T) lr.Problem {
	t.Helper()
	var p lr.Problem
	mu := 0.0
	switch v.Kind {
	case "sensing_asym":
		p, mu = v.sensing(t, problem.ScaleMean), 0.5 // ⅛R
	case "sensing_sym":
		p = v.sensing(t, problem.ScaleMean)
	case "l_sensing":
		p, mu = v.sensing(t, problem.ScaleSum), v.Mu
	case "completion_asym":
		p, mu = v.completion(t), 0.5
	case "completion_sym":
		p = v.completion(t)
	case "balance":
		p, mu = nothing(len(v.U), len(v.V), len(v.U[0])), 4 // R itself
	default:
		t.Fatalf("unknown kind %q", v.Kind)
	}
	if mu == 0 {
		return p
	}
	b, err := problem.Balance{Of: p, Mu: mu}.New()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// nothing is the objective 0.
func nothing(d1, d2, r int) lr.Problem {
	zero := func(dst *lr.Factors) {
		if dst != nil {
			dst.U.Zero()
			dst.V.Zero()
		}
	}
	return lr.Funcs{
		D1: d1, D2: d2, Rank: r,
		GradFunc: func(dst, _ *lr.Factors) float64 { zero(dst); return 0 },
		HessFunc: func(dst, _, _ *lr.Factors) { zero(dst) },
	}
}

func (v *vector) sensing(t *testing.T, scale problem.Scale) lr.Problem {
	t.Helper()
	d1, d2 := len(v.As[0]), len(v.As[0][0])
	rows := mat.NewDense(len(v.As), d1*d2, nil)
	b := v.B
	for i, a := range v.As {
		for j := range a {
			copy(rows.RawRowView(i)[j*d2:], a[j])
		}
		if v.B == nil {
			b = append(b, mat.Sum(elementwise(dense(a), dense(v.Xstar))))
		}
	}
	op, err := operator.NewDense(d1, d2, rows)
	if err != nil {
		t.Fatal(err)
	}
	p, err := problem.Sensing{Operator: op, B: b, Rank: len(v.U[0]), Scale: scale, Symmetric: v.V == nil}.New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func elementwise(a, b *mat.Dense) *mat.Dense {
	var m mat.Dense
	m.MulElem(a, b)
	return &m
}

func (v *vector) completion(t *testing.T) lr.Problem {
	t.Helper()
	c := problem.Completion{D1: len(v.Mask), D2: len(v.Mask[0]), Rank: len(v.U[0]), P: v.P, Symmetric: v.V == nil}
	for i, row := range v.Mask {
		for j, seen := range row {
			if seen != 0 {
				c.Rows, c.Cols, c.Values = append(c.Rows, i), append(c.Cols, j), append(c.Values, v.Mstar[i][j])
			}
		}
	}
	p, err := c.New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// penalties adds the derivatives of Q of the completion kinds and returns its
// value.
func (v *vector) penalties(grad, hess *lr.Factors) float64 {
	switch v.Kind {
	case "completion_sym":
		return penalty(v.Lambda, v.Alpha, v.U, v.DirU, grad.U, hess.U)
	case "completion_asym":
		return penalty(v.Lambda1, v.Alpha1, v.U, v.DirU, grad.U, hess.U) +
			penalty(v.Lambda2, v.Alpha2, v.V, v.DirV, grad.V, hess.V)
	}
	return 0
}

// penalty is λ Σᵢ(n − α)₊⁴, n = ‖xᵢ‖, by the definition: the gradient in row i
// is 4λ(n−α)³xᵢ/n, its derivative along d
// 12λ(n−α)²⟨x,d⟩x/n² + 4λ(n−α)³(d/n − ⟨x,d⟩x/n³).
func penalty(lambda, alpha float64, x, d [][]float64, grad, hess *mat.Dense) float64 {
	var value float64
	for i := range x {
		var sq, along float64
		for k := range x[i] {
			sq += x[i][k] * x[i][k]
			along += x[i][k] * d[i][k]
		}
		n := math.Sqrt(sq)
		e := n - alpha
		if e <= 0 {
			continue
		}
		value += lambda * math.Pow(e, 4)
		for k, xk := range x[i] {
			grad.Set(i, k, grad.At(i, k)+4*lambda*math.Pow(e, 3)*xk/n)
			hess.Set(i, k, hess.At(i, k)+12*lambda*e*e*along*xk/sq+4*lambda*math.Pow(e, 3)*(d[i][k]/n-along*xk/(n*sq)))
		}
	}
	return value
}
