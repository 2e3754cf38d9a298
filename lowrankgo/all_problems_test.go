package lowrankgo_test

import (
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

var nan = math.NaN()

type listedProblem struct {
	of, name string
	p        lr.Problem
	kind     kind
}

// kind says what a method can be held to.
type kind int

const (
	zero  kind = iota // the truth is the minimiser, where all terms are 0
	exact             // the truth is the minimiser
	rough             // so it is, but a small gradient is a worse measure of the error
	other             // the minimiser is not known
)

// entries lists a low-rank matrix and where it is seen.
func entries(d1, d2 int) (m *lr.Factors, rows, cols []int, values []float64) {
	m = &lr.Factors{U: normal("entries U", d1, 2), V: normal("entries V", d2, 2)}
	for i := range d1 {
		for j := range d2 {
			if (i+2*j)%6 != 0 {
				rows, cols, values = append(rows, i), append(cols, j), append(values, m.At(i, j))
			}
		}
	}
	return m, rows, cols, values
}

func signs(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = math.Copysign(1, v)
	}
	return out
}

func counts(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = math.Round(math.Exp(v / 2))
	}
	return out
}

// steep is ½‖X − A‖² + ¼·Σ (X − A)⁴, by functions.
func steep(a *mat.Dense) problem.Function {
	d1, d2 := a.Dims()
	each := func(x *mat.Dense, do func(i, j int, e float64)) {
		for i := range d1 {
			for j, v := range x.RawRowView(i) {
				do(i, j, v-a.At(i, j))
			}
		}
	}
	return problem.Function{
		Name: "steep", D1: d1, D2: d2, Rank: 2,
		F: func(x *mat.Dense) (s float64) {
			each(x, func(_, _ int, e float64) { s += e*e/2 + e*e*e*e/4 })
			return s
		},
		Grad: func(dst, x *mat.Dense) { each(x, func(i, j int, e float64) { dst.Set(i, j, e+e*e*e) }) },
		Hess: func(dst, x, d *mat.Dense) {
			each(x, func(i, j int, e float64) { dst.Set(i, j, (1+3*e*e)*d.At(i, j)) })
		},
	}
}

// quartic is the loss e²/2 + e⁴/4 of what is measured less b.
func quartic(b []float64) func(i int, t float64) (value, slope, curvature float64) {
	return func(i int, t float64) (value, slope, curvature float64) {
		e := t - b[i]
		return e*e/2 + e*e*e*e/4, e + e*e*e, 1 + 3*e*e
	}
}

func listedProblems() []listedProblem {
	const d1, d2 = 8, 7
	seen, rows, cols, values := entries(d1+3, d2+3)
	truth := &lr.Factors{U: normal("truth U", d1, 2), V: normal("truth V", d2, 2)}
	symmetric := &lr.Factors{U: normal("truth U", d1, 2)}
	sensing := must(problem.GaussianSensing{D1: d1, D2: d2, Rank: 2, M: 100, Seed: 1, Scale: problem.ScaleMean}.New())
	symSensing := must(problem.GaussianSensing{D1: d1, Rank: 2, M: 100, Seed: 1, Symmetric: true, Scale: problem.ScaleMean}.New())
	completion := must(problem.RandomCompletion{D1: 14, D2: 12, Rank: 2, P: 0.8, Seed: 1}.New())
	noise := normal("noise", 1, 100).RawMatrix().Data
	part := func(width int, seed uint64) lr.Problem {
		return must(problem.GaussianSensing{D1: d1, D2: width, Rank: 2, M: 60, Seed: seed, Scale: problem.ScaleMean}.New())
	}
	oneBit := must(problem.RandomOneBit{D1: 10, D2: 9, Rank: 1, P: 0.9, Seed: 1}.New())
	balanced := must(problem.Balance{Of: sensing, Mu: 0.5}.New())
	weights := mat.NewDense(d1, d2, nil)
	weights.Apply(func(i, j int, _ float64) float64 { return 1 + 0.5*float64((i+j)%3) }, weights)
	robust := must(problem.RandomRobustPCA{D1: 24, D2: 20, Rank: 1, Alpha: 0.05, Gamma: 3, Seed: 1}.New())
	gaps := must(problem.RandomRobustPCA{D1: 24, D2: 20, Rank: 1, Alpha: 0.05, Gamma: 3, Observed: 0.95, Seed: 3}.New())
	listed := must(operator.NewObserved(gaps.Split().Data))
	return []listedProblem{
		{"Sensing", "sensing", must(problem.Sensing{Operator: sensing.Operator(), B: sensing.Measurements(), Rank: 2, Truth: sensing.Truth()}.New()), zero},
		{"GaussianSensing", "Gaussian sensing", sensing, zero},
		{"GaussianSensing", "symmetric Gaussian sensing", symSensing, zero},
		{"GaussianSensing", "noisy sensing", must(problem.GaussianSensing{D1: d1, D2: d2, Rank: 2, M: 100, Seed: 1, Noise: 0.5}.New()), other},
		{"RandomSensing", "sensing by a transform", must(problem.RandomSensing{Operator: must(operator.NewSubsampledTransform(d1, d2, 50, 1)), Rank: 2, Seed: 1, Scale: problem.ScaleMean}.New()), zero},
		{"RandomSensing", "phase retrieval", must(problem.RandomSensing{Operator: must(operator.RankOneEnsemble{D1: 6, M: 60, Seed: 1, Symmetric: true}.New()), Rank: 1, Seed: 1, Scale: problem.ScaleMean, Symmetric: true}.New()), zero},
		{"Completion", "completion", must(problem.Completion{D1: d1 + 3, D2: d2 + 3, Rank: 2, Rows: rows, Cols: cols, Values: values, Truth: seen}.New()), zero},
		{"RandomCompletion", "random completion", completion, zero},
		{"RandomCompletion", "symmetric completion", must(problem.RandomCompletion{D1: 14, Rank: 2, P: 0.8, Seed: 1, Symmetric: true}.New()), zero},
		{"Factorisation", "factorisation", must(problem.Factorisation{A: normal("A", d1, d2), Rank: 2}.New()), exact},
		{"Factorisation", "symmetric factorisation", must(problem.Factorisation{A: symmetricMatrix(6), Rank: 2, Symmetric: true}.New()), exact},
		{"WeightedFactorisation", "weighted factorisation", must(problem.WeightedFactorisation{A: truth.Dense(), Weights: weights, Rank: 2, Truth: truth}.New()), zero},
		{"General", "general", must(problem.General{Form: must(operator.Perturbed{D1: d1, D2: d2, Delta: 0.1, Seed: 1}.New()), Truth: truth, Rank: 2}.New()), zero},
		{"General", "general symmetric", must(problem.General{Form: must(operator.Perturbed{D1: d1, Delta: 0.1, Seed: 1, Symmetric: true}.New()), Truth: symmetric, Rank: 2, Symmetric: true}.New()), zero},
		{"Function", "f by functions", must(steep(truth.Dense()).New()), other},
		{"MeasurementLoss", "quartic losses", must(problem.MeasurementLoss{Operator: sensing.Operator(), Phi: quartic(sensing.Measurements()), Rank: 2, Truth: sensing.Truth()}.New()), rough},
		{"OneBit", "one bit, ridge", must(problem.Ridge{Of: must(problem.OneBit{D1: d1 + 3, D2: d2 + 3, Rank: 2, Rows: rows, Cols: cols, Values: signs(values)}.New()), Lambda: 0.3}.New()), other},
		{"RandomOneBit", "random one bit, ridge", must(problem.Ridge{Of: oneBit, Lambda: 0.3}.New()), other},
		{"Poisson", "counts, ridge", must(problem.Ridge{Of: must(problem.Poisson{D1: d1 + 3, D2: d2 + 3, Rank: 1, Rows: rows, Cols: cols, Values: counts(values)}.New()), Lambda: 0.1}.New()), other},
		{"Huber", "Huber", must(problem.Huber{Operator: sensing.Operator(), B: sensing.Measurements(), Rank: 2, Threshold: 2, Smooth: true, Weight: 0.01, Truth: sensing.Truth()}.New()), zero},
		{"Lift", "lift", must(problem.Lift{Of: balanced}.New()), zero},
		{"Separable", "separable", must(problem.Separable{Parts: []lr.Problem{part(3, 1), part(4, 1)}}.New()), other},
		{"Balance", "balanced sensing", balanced, zero},
		{"Ridge", "ridge", must(problem.Ridge{Of: sensing, Lambda: 0.2}.New()), other},
		{"Ridge", "symmetric ridge", must(problem.Ridge{Of: symSensing, Lambda: 0.2}.New()), other},
		{"RowNorm", "row norms", must(problem.RowNorm{Of: completion, Lambda: 0.2, Alpha: 1}.New()), other},
		{"RowNormTheorem", "row norms of the theorem", must(problem.RowNormTheorem{Of: completion, Mu: 2, Kappa: 3, Sigma1: 10}.New()), other},
		{"Linear", "linear term", must(problem.Linear{Of: sensing, N: normal("N", d1, d2)}.New()), other},
		{"LinearNoise", "noise as a linear term", must(problem.LinearNoise{Of: sensing, Noise: noise}.New()), other},
		{"RobustPCA", "robust PCA", must(problem.RobustPCA{Data: robust.Split().Data, Rank: 1, Alpha: 0.05, Gamma: 3, Truth: robust.Truth(), TruthSparse: robust.Split().Truth}.New()), zero},
		{"RobustPCA", "robust PCA of listed entries", must(problem.RobustPCA{Mask: listed.Mask, Values: listed.Values, Rank: 1, Alpha: 0.05, Gamma: 3, Truth: gaps.Truth(), TruthSparse: gaps.Split().Truth}.New()), zero},
		{"RandomRobustPCA", "robust PCA with gaps", gaps, zero},
		{"BlockRobustPCA", "robust PCA by blocks", must(problem.BlockRobustPCA{Data: robust.Split().Data, Widths: []int{9, 11}, Rank: 1, Alpha: 0.12, Gamma: 2, Truth: robust.Truth()}.New()), zero},
		{"RandomRobustPCA", "symmetric robust PCA", must(problem.RandomRobustPCA{D1: 24, Rank: 1, Alpha: 0.05, Gamma: 3, Symmetric: true, Seed: 3}.New()), zero},
		{"Counterexample", "counterexample", must(problem.Counterexample{Epsilon: -0.5, D: 2}.New()), zero},
	}
}

// TestAllProblems runs the conformance suite over every exported problem. The
// default rule of robust PCA is not an exact projection.
func TestAllProblems(t *testing.T) {
	o := lowranktest.ProblemOptions{MajoriserInexact: true}
	for _, p := range listedProblems() {
		t.Run(p.of+"/"+p.name, func(t *testing.T) { lowranktest.TestProblem(t, p.p, o) })
	}
}
