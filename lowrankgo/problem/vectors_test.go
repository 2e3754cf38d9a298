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
	A, H, H0, Weights, Signs         [][]float64
	Mu, P, Tau                       float64
	Epsilon                          float64
	RIPDelta                         float64 `json:"rip_delta"`
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
	for kind, least := range map[string]int{
		"sensing_asym": 5, "sensing_sym": 5, "l_sensing": 6, "completion_asym": 5, "completion_sym": 5, "balance": 5,
		"factorisation": 7, "factorisation_asym": 3, "general_sym": 5, "general_asym": 5,
		"l_weighted": 5, "l_logistic": 3, "counterexample": 3,
	} {
		if seen[kind] < least {
			t.Errorf("%d cases of %s, want %d", seen[kind], kind, least)
		}
	}
}

// problem builds the objective of the case without the row penalties Q, which
// penalties adds by their definition.
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
	case "factorisation":
		p = must(t)(problem.Factorisation{A: dense(v.A), Rank: len(v.U[0]), Symmetric: true}.New())
	case "factorisation_asym":
		p = must(t)(problem.Factorisation{A: dense(v.Xstar), Rank: len(v.U[0])}.New())
	case "general_sym":
		p = v.general(t, v.H, 1)
	case "general_asym":
		p, mu = v.general(t, v.H0, 4), 2 // ½R
	case "l_weighted":
		p = v.weighted(t)
	case "l_logistic":
		p = v.logistic(t)
	case "counterexample":
		p = v.counterexample(t)
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
	op, b := v.operator(t)
	return must(t)(problem.Sensing{Operator: op, B: b, Rank: len(v.U[0]), Scale: scale, Symmetric: v.V == nil}.New())
}

// operator is 𝒜 with its b, given or ⟨Aᵢ, X*⟩.
func (v *vector) operator(t *testing.T) (lr.Operator, []float64) {
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
	return op, b
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

// penalties adds the derivatives of Q of the completion and general kinds and
// returns its value.
func (v *vector) penalties(grad, hess *lr.Factors) float64 {
	switch v.Kind {
	case "completion_sym", "general_sym":
		return penalty(v.Lambda, v.Alpha, v.U, v.DirU, grad.U, hess.U)
	case "completion_asym", "general_asym":
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

func (v *vector) general(t *testing.T, h [][]float64, weight float64) lr.Problem {
	t.Helper()
	d1, d2 := len(v.Mstar), len(v.Mstar[0])
	form, err := operator.DenseForm{D1: d1, D2: d2, H: dense(h)}.New()
	if err != nil {
		t.Fatal(err)
	}
	eye := mat.NewDense(d2, d2, nil)
	for j := range d2 {
		eye.Set(j, j, 1)
	}
	return must(t)(problem.General{
		Form: form, Truth: &lr.Factors{U: dense(v.Mstar), V: eye}, Rank: len(v.U[0]), Weight: weight, Symmetric: v.V == nil,
	}.New())
}

// weighted is ½ Σ w_ij e_ij² + τ Σ (√(1 + e_ij²) − 1), e = M − X*: without τ a
// weighted factorisation, with it a general f, given as one of matrices or,
// equally, as losses of entries.
func (v *vector) weighted(t *testing.T) lr.Problem {
	t.Helper()
	star, w := dense(v.Xstar), dense(v.Weights)
	d1, d2 := star.Dims()
	if v.Tau == 0 {
		return must(t)(problem.WeightedFactorisation{A: star, Weights: w, Rank: len(v.U[0])}.New())
	}
	loss := func(i, j int, x float64) (value, slope, curvature float64) {
		e := x - star.At(i, j)
		root := math.Sqrt(1 + e*e)
		return w.At(i, j)*e*e/2 + v.Tau*(root-1), w.At(i, j)*e + v.Tau*e/root, w.At(i, j) + v.Tau/(root*root*root)
	}
	if v.Name == "l_weighted/rmin" {
		op, err := operator.NewIdentity(d1, d2)
		if err != nil {
			t.Fatal(err)
		}
		return must(t)(problem.MeasurementLoss{
			Operator: op, Rank: len(v.U[0]),
			Phi: func(k int, x float64) (value, slope, curvature float64) { return loss(k/d2, k%d2, x) },
		}.New())
	}
	return must(t)(entrywise(d1, d2, len(v.U[0]), loss).New())
}

// entryLoss is a loss of entry (i, j) with its derivatives.
type entryLoss func(i, j int, x float64) (value, slope, curvature float64)

// entrywise is Σ loss(i, j, M_ij) as a function of dense matrices.
func entrywise(d1, d2, rank int, loss entryLoss) problem.Function {
	return problem.Function{
		D1: d1, D2: d2, Rank: rank,
		F: func(x *mat.Dense) (sum float64) {
			for i := range d1 {
				for j := range d2 {
					value, _, _ := loss(i, j, x.At(i, j))
					sum += value
				}
			}
			return sum
		},
		Grad: func(dst, x *mat.Dense) {
			dst.Apply(func(i, j int, x float64) float64 { _, slope, _ := loss(i, j, x); return slope }, x)
		},
		Hess: func(dst, x, d *mat.Dense) {
			dst.Apply(func(i, j int, x float64) float64 { _, _, c := loss(i, j, x); return c * d.At(i, j) }, x)
		},
	}
}

func (v *vector) logistic(t *testing.T) lr.Problem {
	t.Helper()
	o := problem.OneBit{D1: len(v.Mask), D2: len(v.Mask[0]), Rank: len(v.U[0])}
	for i, row := range v.Mask {
		for j, seen := range row {
			if seen != 0 {
				o.Rows, o.Cols, o.Values = append(o.Rows, i), append(o.Cols, j), append(o.Values, v.Signs[i][j])
			}
		}
	}
	return must(t)(o.New())
}

// counterexample has the vector's measurements, and so its point.
func (v *vector) counterexample(t *testing.T) lr.Problem {
	t.Helper()
	p, err := problem.Counterexample{Epsilon: v.Epsilon}.New()
	if err != nil {
		t.Fatal(err)
	}
	nearFactors(t, "spurious point", 1e-15, p.Instance.Spurious, factors(v.U, nil))
	near(t, "δ", 1e-15, scalar(p.Instance.Delta), scalar(v.RIPDelta))
	op, b := v.operator(t)
	given := op.(*operator.Gaussian)
	for i := range b {
		near(t, "a sensing matrix", 1e-15, p.Operator().(*operator.Gaussian).Matrix(i), given.Matrix(i))
	}
	return p
}
