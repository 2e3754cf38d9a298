package problem_test

import (
	"fmt"
	"log"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// A matrix with eigenvalues 4, 1 and −3: the best positive semidefinite
// approximation of rank 2 keeps 4 and 1 and leaves (−3)²/2.
func ExampleFactorisation() {
	p, err := problem.Factorisation{A: mat.NewDiagDense(3, []float64{4, 1, -3}), Rank: 2, Symmetric: true}.New()
	if err != nil {
		log.Fatal(err)
	}
	best, _ := lr.TruthOf(p)
	fmt.Println(p)
	fmt.Println("least value:", p.NewEval().Grad(nil, best))
	// Output:
	// Factorisation(Identity(3×3), rank 2, M = UUᵀ, weight 1)
	// least value: 4.5
}

func ExampleWeightedFactorisation() {
	p, err := problem.WeightedFactorisation{
		A:       mat.NewDense(2, 2, []float64{1, 2, 3, math.NaN()}),
		Weights: mat.NewDense(2, 2, []float64{1, 1, 10, 0}),
		Rank:    1,
	}.New()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("at M = 0:", p.NewEval().Grad(nil, lr.NewPoint(p))) // ½(1 + 4 + 10·9)
	// Output:
	// at M = 0: 47.5
}

func ExampleQuadratic() {
	p, err := problem.RandomCompletion{D1: 60, D2: 40, Rank: 3, P: 0.5, Kappa: 10, Noise: 1e-3, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	form, _ := lr.LeastSquaresOf(p)
	batches, _ := lr.BatchesOf(p)
	fmt.Println(form.Operator, form.Weight)
	fmt.Println("terms:", batches.Terms())
	// Output:
	// Mask(1224 of 60×40 entries) 2
	// terms: 1224
}

// The general theory of [L] asks of f only a value, a gradient and second
// derivatives as a matrix function: here f(X) = Σ log cosh(X_ij − A_ij).
func ExampleFunction() {
	a := mat.NewDense(2, 2, []float64{1, 2, 2, 4})
	p, err := problem.Function{
		Name: "log cosh", D1: 2, D2: 2, Rank: 1,
		F: func(x *mat.Dense) (sum float64) {
			for i := 0; i < 2; i++ {
				for j := 0; j < 2; j++ {
					sum += math.Log(math.Cosh(x.At(i, j) - a.At(i, j)))
				}
			}
			return sum
		},
		Grad: func(dst, x *mat.Dense) {
			dst.Apply(func(i, j int, v float64) float64 { return math.Tanh(v - a.At(i, j)) }, x)
		},
		Hess: func(dst, x, d *mat.Dense) {
			dst.Apply(func(i, j int, v float64) float64 {
				c := math.Cosh(v - a.At(i, j))
				return d.At(i, j) / (c * c)
			}, x)
		},
	}.New()
	if err != nil {
		log.Fatal(err)
	}
	x := lr.NewPoint(p)
	x.U.SetCol(0, []float64{1, 2})
	x.V.SetCol(0, []float64{1, 2})
	_, second := lr.HessVecOf(p)
	fmt.Println(p)
	fmt.Println("at A:", p.NewEval().Grad(nil, x), "second derivatives:", second)
	// Output:
	// Function(log cosh of 2×2, rank 1, M = UVᵀ, weight 1)
	// at A: 0 second derivatives: true
}

// Exponential loss of signs, which is not among the package's losses.
func ExampleMeasurementLoss() {
	y := []float64{1, -1}
	mask, _, err := operator.NewMask(2, 2, []int{0, 1}, []int{0, 1})
	if err != nil {
		log.Fatal(err)
	}
	p, err := problem.MeasurementLoss{
		Name: "exponential", Operator: mask, Rank: 1,
		Phi: func(i int, t float64) (value, slope, curvature float64) {
			e := math.Exp(-y[i] * t)
			return e, -y[i] * e, e
		},
	}.New()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p, "at M = 0:", p.NewEval().Grad(nil, lr.NewPoint(p)))
	// Output:
	// exponential(Mask(2 of 2×2 entries), rank 1, M = UVᵀ, weight 1) at M = 0: 2
}

func ExampleOneBit() {
	p, err := problem.OneBit{
		D1: 2, D2: 2, Rank: 1,
		Rows: []int{0, 0, 1}, Cols: []int{0, 1, 1}, Values: []float64{1, -1, 1},
	}.New()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("at M = 0: %.4f = 3 log 2\n", p.NewEval().Grad(nil, lr.NewPoint(p)))
	// Output:
	// at M = 0: 2.0794 = 3 log 2
}

func ExampleRandomOneBit() {
	p, err := problem.RandomOneBit{D1: 30, D2: 20, Rank: 2, P: 0.5, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x, _ := lr.TruthOf(p)
	e := p.NewEval()
	fmt.Println("likelier at M* than at 0:", e.Grad(nil, x) < e.Grad(nil, lr.NewPoint(p)))
	// Output:
	// likelier at M* than at 0: true
}

func ExamplePoisson() {
	p, err := problem.Poisson{
		D1: 2, D2: 2, Rank: 1,
		Rows: []int{0, 1}, Cols: []int{1, 0}, Values: []float64{3, 0},
	}.New()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("at M = 0, rates of 1:", p.NewEval().Grad(nil, lr.NewPoint(p)))
	// Output:
	// at M = 0, rates of 1: 2
}

// Six of sixty measurements are grossly wrong. The same measurements with a
// Huber loss pull on M* two thousand times less.
func ExampleHuber() {
	q, err := problem.GaussianSensing{D1: 8, D2: 6, Rank: 1, M: 60, Outliers: 0.1, OutlierSize: 1000, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	p, err := problem.Huber{Operator: q.Operator(), B: q.Measurements(), Rank: 1, Threshold: 0.5}.New()
	if err != nil {
		log.Fatal(err)
	}
	x, _ := lr.TruthOf(q)
	pull := func(p lr.Problem) float64 {
		g := lr.NewPoint(p)
		p.NewEval().Grad(g, x)
		return g.Norm()
	}
	fmt.Printf("%.0f\n", pull(q)/pull(p))
	// Output:
	// 2000
}

// With H = I + δK the constant δ of the restricted isometry is known.
func ExampleGeneral() {
	form, err := operator.Perturbed{D1: 10, D2: 8, Delta: 0.05, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	truth := &lr.Factors{
		U: lr.NormalMatrix(lr.Stream(1, "true U"), 10, 2),
		V: lr.NormalMatrix(lr.Stream(1, "true V"), 8, 2),
	}
	p, err := problem.General{Form: form, Truth: truth, Rank: 2, Weight: 4}.New()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p)
	// Output:
	// General(Perturbed(δ = 0.05, 10×8), rank 2, M = UVᵀ, weight 4)
}

func ExampleCounterexample() {
	p, err := problem.Counterexample{Epsilon: 0.1}.New()
	if err != nil {
		log.Fatal(err)
	}
	h, _ := lr.HessVecOf(p)
	x, d := p.Instance.Spurious, p.Instance.Escape
	hd := lr.NewPoint(p)
	h.HessVec(hd, x, d)
	fmt.Printf("δ = %.4f, f = %.2f, curvature %.2f along the flattest direction\n", p.Instance.Delta, h.Grad(nil, x), d.Dot(hd))
	// Output:
	// δ = 0.5122, f = 1.50, curvature 0.20 along the flattest direction
}

func ExampleRandomSensing() {
	op, err := operator.RankOneEnsemble{D1: 20, M: 300, Seed: 1, Symmetric: true}.New()
	if err != nil {
		log.Fatal(err)
	}
	p, err := problem.RandomSensing{Operator: op, Rank: 3, TruthRank: 2, Symmetric: true, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	x, _ := lr.TruthOf(p)
	fmt.Println(p)
	fmt.Println("rank of the truth:", x.Rank())
	// Output:
	// Sensing(RankOne(300 measurements aaᵀ of 20×20), rank 3, M = UUᵀ, weight 1)
	// rank of the truth: 2
}

// A mask with names comes from triplets; Completion takes it as it is.
func ExampleCompletion_mask() {
	seen, err := operator.Triplets{
		RowNames: []string{"ann", "bob", "ann"}, ColNames: []string{"tea", "tea", "jam"}, Values: []float64{1, 2, 3},
	}.New()
	if err != nil {
		log.Fatal(err)
	}
	p, err := problem.Completion{Mask: seen.Mask, Values: seen.Values, Rank: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p)
	// Output:
	// Completion(Mask(3 of 2×2 entries), rank 1, M = UVᵀ, weight 1.333)
}
