package lowrankgo_test

import (
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

type listedOperator struct {
	of, name string // what makes it, and a name for it
	op       lr.Operator
}

// normal is a matrix of N(0, 1) numbers.
func normal(name string, rows, cols int) *mat.Dense {
	return lr.NormalMatrix(lr.Stream(1, name), rows, cols)
}

// frame measures the entries of the first row and the trace of the square part.
func frame(d1, d2 int) operator.Func {
	return operator.Func{
		Name: "frame", D1: d1, D2: d2, M: d2 + 1,
		Apply: func(dst []float64, m *mat.Dense) {
			copy(dst, m.RawRowView(0))
			dst[d2] = 0
			for i := range min(d1, d2) {
				dst[d2] += m.At(i, i)
			}
		},
		Adjoint: func(dst *mat.Dense, w []float64) {
			dst.Zero()
			copy(dst.RawRowView(0), w)
			for i := range min(d1, d2) {
				dst.Set(i, i, dst.At(i, i)+w[d2])
			}
		},
	}
}

func withGaps(d1, d2 int) *mat.Dense {
	m := normal("gaps", d1, d2)
	for i := range d1 {
		m.Set(i, i%d2, nan)
	}
	return m
}

func listedOperators() []listedOperator {
	mask, _, err := operator.NewMask(4, 3, []int{0, 3, 1, 2}, []int{2, 0, 1, 1})
	if err != nil {
		panic(err)
	}
	seen := [][]bool{{true, false, true}, {false, true, true}, {true, false, false}}
	return []listedOperator{
		{"NewGaussian", "Gaussian", must(operator.NewGaussian(6, 5, 11, 1))},
		{"NewGaussian", "Gaussian 1×1", must(operator.NewGaussian(1, 1, 1, 1))},
		{"NewDense", "dense", must(operator.NewDense(4, 5, normal("dense", 7, 20)))},
		{"GaussianEnsemble", "matrix-free Gaussian", must(operator.GaussianEnsemble{D1: 5, D2: 4, M: 9, Seed: 2, MatrixFree: true}.New())},
		{"GaussianEnsemble", "symmetric Gaussian", must(operator.GaussianEnsemble{D1: 5, M: 9, Seed: 2, Symmetric: true}.New())},
		{"Counterexample", "counterexample", must(operator.Counterexample{Epsilon: 0.1, D: 3, Rotate: true, Seed: 1}.New()).Operator},
		{"NewMask", "mask of a list", mask},
		{"NewBoolMask", "mask of truths", must(operator.NewBoolMask(seen))},
		{"NewBernoulliMask", "Bernoulli mask", must(operator.NewBernoulliMask(9, 7, 0.4, 3))},
		{"NewBernoulliMask", "full mask", must(operator.NewBernoulliMask(4, 4, 1, 3))},
		{"FixedCount", "mask of a fixed count", must(operator.FixedCount{D1: 8, D2: 6, Count: 30, AtLeast: 2, Seed: 4}.New())},
		{"NewObserved", "mask of a matrix with gaps", must(operator.NewObserved(withGaps(5, 4))).Mask},
		{"Triplets", "mask of triplets", must(operator.Triplets{RowNames: []string{"a", "b", "a"}, ColNames: []string{"x", "y", "y"}, Values: []float64{1, 2, 3}}.New()).Mask},
		{"NewRankOne", "rank one", must(operator.NewRankOne(normal("a", 9, 5), normal("b", 9, 4)))},
		{"NewRankOne", "symmetric rank one", must(operator.NewRankOne(normal("a", 9, 5), nil))},
		{"RankOneEnsemble", "random rank one", must(operator.RankOneEnsemble{D1: 5, D2: 6, M: 14, Seed: 5}.New())},
		{"NewIdentity", "identity", must(operator.NewIdentity(5, 4))},
		{"NewSubsampledTransform", "subsampled transform", must(operator.NewSubsampledTransform(6, 5, 13, 6))},
		{"Func", "functions", must(frame(5, 4).New())},
	}
}

// TestAllOperators runs the conformance suite over every exported map.
func TestAllOperators(t *testing.T) {
	for _, o := range listedOperators() {
		t.Run(o.of+"/"+o.name, func(t *testing.T) { lowranktest.TestOperator(t, o.op, nil) })
	}
}

type listedForm struct {
	of, name string
	h        lr.Form
	naive    func(m *mat.Dense) *mat.Dense
}

// symmetricMatrix is a symmetric n×n matrix.
func symmetricMatrix(n int) *mat.Dense {
	m := normal("symmetric", n, n)
	var s mat.Dense
	s.Add(m, m.T())
	return &s
}

func listedForms() []listedForm {
	k := symmetricMatrix(12)
	flip := func(dst, m *mat.Dense) { dst.Scale(-2, m) }
	return []listedForm{
		{"DenseForm", "dense form", must(operator.DenseForm{D1: 4, D2: 3, H: k}.New()), func(m *mat.Dense) *mat.Dense {
			out := mat.NewDense(4, 3, nil)
			for i := range 12 {
				for j := range 12 {
					out.Set(i/3, i%3, out.At(i/3, i%3)+k.At(i, j)*m.At(j/3, j%3))
				}
			}
			return out
		}},
		{"FuncForm", "form of a function", must(operator.FuncForm{D1: 4, D2: 3, Apply: flip}.New()), func(m *mat.Dense) *mat.Dense {
			var out mat.Dense
			flip(&out, m)
			return &out
		}},
		{"GramForm", "𝒜*𝒜", must(operator.GramForm{Operator: must(operator.NewGaussian(5, 4, 30, 1))}.New()), nil},
		{"Perturbed", "I + δK", must(operator.Perturbed{D1: 6, D2: 5, Delta: 0.3, Seed: 1}.New()), nil},
		{"Perturbed", "symmetric I + δK", must(operator.Perturbed{D1: 5, Delta: 0.3, Seed: 1, Symmetric: true}.New()), nil},
	}
}

// TestAllForms runs the conformance suite over every exported form.
func TestAllForms(t *testing.T) {
	for _, f := range listedForms() {
		t.Run(f.of+"/"+f.name, func(t *testing.T) { lowranktest.TestForm(t, f.h, f.naive) })
	}
}
