package problem_test

import (
	"fmt"
	"log"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

func ExampleRowNorm() {
	g, err := problem.Completion{D1: 3, D2: 2, Rank: 1, Rows: []int{0, 1, 2}, Cols: []int{0, 0, 1}, Values: []float64{1, 2, 3}}.New()
	if err != nil {
		log.Fatal(err)
	}
	b, err := problem.Balance{Of: g, Mu: 0.5}.New()
	if err != nil {
		log.Fatal(err)
	}
	p, err := problem.RowNorm{Of: b, Lambda: 1, Alpha: 4}.New() // [G](4)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p)
	// Output:
	// Completion(Mask(3 of 3×2 entries), rank 1, M = UVᵀ, weight 2) + balance(μ = 0.5) + row norm(λ = 1, α = 4)
}

// Rows of M* = 11ᵀ are all alike: it is as incoherent as can be, μ = 1.
func ExampleRowNormTheorem() {
	const d = 20
	c := problem.Completion{D1: d, Rank: 1, Symmetric: true, Truth: lr.NewSymmetric(d, 1)}
	for i := range d {
		c.Truth.U.Set(i, 0, 1)
		c.Rows, c.Cols, c.Values = append(c.Rows, i), append(c.Cols, (3*i+1)%d), append(c.Values, 1)
	}
	g, err := c.New()
	if err != nil {
		log.Fatal(err)
	}
	q, err := problem.RowNormTheorem{Of: g, Mu: 1, Kappa: 1, Sigma1: d}.Config()
	if err != nil {
		log.Fatal(err)
	}
	share, err := q.Lemma11()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("α = %.4g, λ = %.4f: Q takes %.4g of what Lemma 11 leaves it\n", q.Alpha, q.Lambda, share)
	// Output:
	// α = 2, λ = 0.0399: Q takes 1 of what Lemma 11 leaves it
}

func ExampleRidge() {
	g, err := problem.RandomCompletion{D1: 8, D2: 6, Rank: 2, P: 1, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	p, err := problem.Ridge{Of: g, Lambda: 0.1}.New()
	if err != nil {
		log.Fatal(err)
	}
	l, ok := lr.LeastSquaresOf(p)
	fmt.Println("still least squares:", ok, "with ridge", l.Ridge)
	// Output:
	// still least squares: true with ridge 0.1
}

func ExampleLinear() {
	g, err := problem.GaussianSensing{D1: 2, D2: 2, Rank: 1, M: 3, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	p, err := problem.Linear{Of: g, N: mat.NewDense(2, 2, []float64{1, 0, 0, 2})}.New()
	if err != nil {
		log.Fatal(err)
	}
	x := lr.NewPoint(p)
	x.U.SetCol(0, []float64{1, 3})
	x.V.SetCol(0, []float64{1, 3})
	// ⟨N, UVᵀ⟩ = 1·1 + 2·9
	fmt.Printf("%.6f\n", p.NewEval().Grad(nil, x)-g.NewEval().Grad(nil, x))
	// Output:
	// -19.000000
}

func ExampleLinearNoise() {
	clean, err := problem.GaussianSensing{D1: 4, D2: 3, Rank: 1, M: 5, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	p, err := problem.LinearNoise{Of: clean, Noise: []float64{0.5, 0, -1, 0, 0}}.New()
	if err != nil {
		log.Fatal(err)
	}
	// At M* only the noise is left: ½‖n‖².
	fmt.Printf("%.4f\n", p.NewEval().Grad(nil, p.Truth()))
	// Output:
	// 0.6250
}

func ExampleLift() {
	g, err := problem.GaussianSensing{D1: 4, D2: 3, Rank: 2, M: 10, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	l, err := problem.Lift{Of: g}.New()
	if err != nil {
		log.Fatal(err)
	}
	x := lr.NewPoint(g)
	x.U.Set(0, 0, 1)
	x.V.Set(2, 0, 1)
	w, err := l.Point(x)
	if err != nil {
		log.Fatal(err)
	}
	d, _, r := l.Dims()
	fmt.Printf("W is %d×%d\n", d, r)
	fmt.Printf("%.3f times the value\n", l.NewEval().Grad(nil, w)/g.NewEval().Grad(nil, x))
	// Output:
	// W is 7×2
	// 4.000 times the value
}

func ExampleSeparable() {
	var parts []lr.Problem
	for j := range 3 {
		p, err := problem.GaussianSensing{D1: 6, D2: 4, Rank: 2, M: 20, Seed: uint64(j)}.New()
		if err != nil {
			log.Fatal(err)
		}
		parts = append(parts, p)
	}
	p, err := problem.Separable{Parts: parts}.New()
	if err != nil {
		log.Fatal(err)
	}
	d1, d2, r := p.Dims()
	fmt.Printf("M is %d×%d, factors of rank %d\n", d1, d2, r)
	truth, _ := lr.TruthOf(p)
	fmt.Println("without a common column space M* has rank", truth.Rank())
	// Output:
	// M is 6×12, factors of rank 2
	// without a common column space M* has rank 6
}

func ExampleLemmaConstant() {
	for _, c := range []float64{1, 2, 5} {
		fmt.Printf("C = %g: K = %.4f\n", c, problem.LemmaConstant(c))
	}
	// Output:
	// C = 1: K = 5.5692
	// C = 2: K = 3.1327
	// C = 5: K = 2.0049
}

func ExampleRegularised_Unregularised() {
	g, err := problem.GaussianSensing{D1: 4, D2: 3, Rank: 2, M: 10}.New()
	if err != nil {
		log.Fatal(err)
	}
	p, err := problem.Balance{Of: g, Mu: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Unregularised() == lr.Problem(g))
	// Output:
	// true
}

func ExampleLifted_Split() {
	g, err := problem.GaussianSensing{D1: 4, D2: 3, Rank: 2, M: 10}.New()
	if err != nil {
		log.Fatal(err)
	}
	l, err := problem.Lift{Of: g}.New()
	if err != nil {
		log.Fatal(err)
	}
	x, err := l.Split(l.Truth())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("W* holds M*:", lr.RelErr(x, g.Truth()) < 1e-14)
	_, err = l.Split(lr.NewSymmetric(4, 2))
	fmt.Println(err)
	// Output:
	// W* holds M*: true
	// problem: Lifted.Split: lowrankgo: the point has U 4×2 and no V; lift(Sensing(Gaussian(10 measurements of 4×3), rank 2, M = UVᵀ, weight 1)) wants U 7×2 and no V (the problem is symmetric): shapes do not fit
}

func ExampleRowNormTheorem_SampleConstant() {
	g, err := problem.RandomCompletion{D1: 1000, Rank: 1, P: 0.1, Seed: 1, Symmetric: true}.New()
	if err != nil {
		log.Fatal(err)
	}
	c, err := problem.RowNormTheorem{Of: g, Mu: 2, Kappa: 1, Sigma1: 1, P: 0.1}.SampleConstant()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("p is %.2f of μ³r⁴κ*⁴ log d / d\n", c)
	// Output:
	// p is 1.81 of μ³r⁴κ*⁴ log d / d
}

// Objective (6) of [G] is robust PCA and Balance; so is its majoriser.
func ExampleRegularised_Majoriser() {
	split, err := problem.RandomRobustPCA{D1: 10, D2: 10, Rank: 1, Alpha: 0.1, Seed: 1}.New()
	if err != nil {
		log.Fatal(err)
	}
	p, err := problem.Balance{Of: split, Mu: 0.5}.New()
	if err != nil {
		log.Fatal(err)
	}
	g, err := p.Majoriser(p.Truth())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(g)
	// Output:
	// Majoriser(Identity(10×10), rank 1, M = UVᵀ, weight 1) + balance(μ = 0.5)
}
