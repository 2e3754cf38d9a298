package operator_test

import (
	"fmt"

	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

// The sums of the rows of a 2×3 matrix, as a map made of two functions.
func ExampleFunc() {
	op, err := operator.Func{
		Name: "row sums", D1: 2, D2: 3, M: 2,
		Apply: func(dst []float64, m *mat.Dense) {
			for i := range dst {
				dst[i] = mat.Sum(m.RowView(i))
			}
		},
		Adjoint: func(dst *mat.Dense, w []float64) {
			for i, v := range w {
				dst.SetRow(i, []float64{v, v, v})
			}
		},
	}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	u, v := mat.NewDense(2, 1, []float64{1, 10}), mat.NewDense(3, 1, []float64{1, 2, 3})
	dst := make([]float64, 2)
	op.NewEval().Apply(dst, u, v, nil)
	fmt.Println(op, dst)
	// Output:
	// row sums(2 measurements of 2×3) [6 60]
}

// A wrong adjoint is found before it spoils a gradient.
func ExampleFunc_New() {
	_, err := operator.Func{
		D1: 1, D2: 1, M: 1,
		Apply:   func(dst []float64, m *mat.Dense) { dst[0] = 3 * m.At(0, 0) },
		Adjoint: func(dst *mat.Dense, w []float64) { dst.Set(0, 0, w[0]) },
	}.New()
	fmt.Println(err != nil)
	// Output:
	// true
}

// A form with the restricted isometry constant 1/10, and where it is attained.
func ExamplePerturbed() {
	p := operator.Perturbed{D1: 30, D2: 20, Delta: 0.1, Seed: 1}
	h, err := p.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	low, high, _ := p.Extremes()
	e := h.NewEval()
	fmt.Println(h)
	fmt.Printf("rank %d: %.4f; rank %d: %.4f\n", low.Rank(), e.Apply(low.U, low.V), high.Rank(), e.Apply(high.U, high.V))
	// Output:
	// Perturbed(δ = 0.1, 30×20)
	// rank 1: 0.9000; rank 1: 1.1000
}

// Sensing with a restricted isometry constant that is known: ‖𝒜(M)‖²/m is
// within 1 ± δ of ‖M‖², and is 1 − δ at low.
func ExamplePerturbed_Operator() {
	p := operator.Perturbed{D1: 8, Delta: 0.05, Seed: 1, Symmetric: true}
	op, err := p.Operator()
	if err != nil {
		fmt.Println(err)
		return
	}
	low, _, _ := p.Extremes() // uuᵀ of norm 1
	_, _, m := op.Dims()
	dst := make([]float64, m)
	op.NewEval().Apply(dst, low.U, low.U, nil)
	var sum float64
	for _, v := range dst {
		sum += v * v
	}
	fmt.Printf("%.4f\n", sum/float64(m))
	// Output:
	// 0.9500
}

// The quadratic form ‖𝒜(M)‖²/m of a map.
func ExampleGramForm() {
	op, _ := operator.NewDense(1, 2, mat.NewDense(2, 2, []float64{1, 1, 1, -1}))
	h, err := operator.GramForm{Operator: op}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	m, one := mat.NewDense(1, 1, []float64{1}), mat.NewDense(2, 1, []float64{5, 3})
	fmt.Println(h, h.NewEval().Apply(m, one)) // (8² + 2²)/2
	// Output:
	// GramForm(Dense(2 measurements of 1×2)) 34
}

func ExampleDenseForm() {
	h := mat.NewDense(2, 2, []float64{2, 1, 1, 3})
	f, err := operator.DenseForm{D1: 2, D2: 1, H: h}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.NewEval().Apply(mat.NewDense(2, 1, []float64{1, 1}), mat.NewDense(1, 1, []float64{1})))
	h.Set(0, 1, 5)
	_, err = operator.DenseForm{D1: 2, D2: 1, H: h}.New()
	fmt.Println(err)
	// Output:
	// 7
	// operator: H is not self-adjoint: entry (1, 0) is 1 and entry (0, 1) is 5; they must be equal: value out of range
}

// Weights for the entries: M : H : M = Σ wᵢⱼ Mᵢⱼ².
func ExampleFuncForm() {
	w := mat.NewDense(2, 2, []float64{1, 2, 3, 4})
	f, err := operator.FuncForm{Name: "weights", D1: 2, D2: 2, Apply: func(dst, m *mat.Dense) { dst.MulElem(w, m) }}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	ones := mat.NewDense(2, 1, []float64{1, 1})
	fmt.Println(f, f.NewEval().Apply(ones, ones))
	// Output:
	// weights(2×2) 10
}
