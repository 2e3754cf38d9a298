package problem_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// failure is the error of a constructor.
func failure[P any](_ P, err error) error { return err }

type badCase struct {
	name string
	err  error
	kind error
	says []string
}

// refused holds errors to naming what was given and what is accepted, and to
// wrapping a sentinel.
func refused(t *testing.T, cases []badCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if !errors.Is(c.err, c.kind) {
				t.Fatalf("the error is %v; want one that wraps %q", c.err, c.kind)
			}
			if !strings.HasPrefix(c.err.Error(), "problem: ") {
				t.Errorf("%q does not name the package", c.err)
			}
			for _, s := range c.says {
				if !strings.Contains(c.err.Error(), s) {
					t.Errorf("%q does not say %q", c.err, s)
				}
			}
		})
	}
}

func TestBadRegularisers(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 4, D2: 3, Rank: 1, M: 5})
	sym := made(t, problem.GaussianSensing{D1: 3, Rank: 1, M: 5, Symmetric: true})
	nan, inf := math.NaN(), math.Inf(1)
	rowNorm := func(q problem.RowNorm) error { return failure(q.New()) }
	theorem := func(change func(*problem.RowNormTheorem)) error {
		th := problem.RowNormTheorem{Of: p, Mu: 2, Kappa: 3, Sigma1: 1}
		change(&th)
		return failure(th.New())
	}
	refused(t, []badCase{
		{"balance of nothing", failure(problem.Balance{Mu: 1}.New()), lr.ErrEmpty, []string{"Balance", "Of", "it is nil"}},
		{"balance of symmetric", failure(problem.Balance{Of: sym, Mu: 1}.New()), lr.ErrShape, []string{"symmetric"}},
		{"balance of μ = 0", failure(problem.Balance{Of: p}.New()), lr.ErrValue, []string{"Mu = 0", "positive finite"}},
		{"ridge of nothing", failure(problem.Ridge{Lambda: 1}.New()), lr.ErrEmpty, []string{"Ridge"}},
		{"ridge of a nil pointer", failure(problem.Ridge{Of: (*problem.Regularised)(nil), Lambda: 1}.New()), lr.ErrEmpty, []string{"Ridge", "nil"}},
		{"ridge of λ = 0", failure(problem.Ridge{Of: p}.New()), lr.ErrValue, []string{"Lambda = 0", "the problem itself"}},
		{"ridge of λ = NaN", failure(problem.Ridge{Of: p, Lambda: nan}.New()), lr.ErrValue, []string{"Lambda = NaN"}},

		{"row norm of nothing", rowNorm(problem.RowNorm{Lambda: 1, Alpha: 1}), lr.ErrEmpty, []string{"RowNorm"}},
		{"row norm without λ", rowNorm(problem.RowNorm{Of: p, Alpha: 1}), lr.ErrValue, []string{"Lambda = 0"}},
		{"row norm of λ = ∞", rowNorm(problem.RowNorm{Of: p, Lambda: inf, Alpha: 1}), lr.ErrValue, []string{"Lambda = +Inf"}},
		{"row norm without α", rowNorm(problem.RowNorm{Of: p, Lambda: 1}), lr.ErrValue, []string{"Alpha = 0", "positive"}},
		{"row norm of λ2 < 0", rowNorm(problem.RowNorm{Of: p, Lambda: 1, Alpha: 1, LambdaV: -1}), lr.ErrValue, []string{"LambdaV = -1"}},
		{"row norm of α2 = NaN", rowNorm(problem.RowNorm{Of: p, Lambda: 1, Alpha: 1, AlphaV: nan}), lr.ErrValue, []string{"AlphaV = NaN"}},
		{"row norm of a symmetric V", rowNorm(problem.RowNorm{Of: sym, Lambda: 1, Alpha: 1, AlphaV: 2}), lr.ErrShape, []string{"AlphaV = 2", "symmetric"}},
		{"Lemma 11 of nothing", failure(problem.RowNorm{Of: p}.Lemma11()), lr.ErrValue, []string{"Lambda = 0"}},

		{"theorem of nothing", theorem(func(th *problem.RowNormTheorem) { th.Of = nil }), lr.ErrEmpty, []string{"RowNormTheorem"}},
		{"theorem of μ < 1", theorem(func(th *problem.RowNormTheorem) { th.Mu = 0.5 }), lr.ErrValue, []string{"Mu = 0.5", "at least 1"}},
		{"theorem without κ", theorem(func(th *problem.RowNormTheorem) { th.Kappa = 0 }), lr.ErrValue, []string{"Kappa = 0", "at least 1"}},
		{"theorem of σ1 < 0", theorem(func(th *problem.RowNormTheorem) { th.Sigma1 = -2 }), lr.ErrValue, []string{"Sigma1 = -2"}},
		{"theorem of rank 4", theorem(func(th *problem.RowNormTheorem) { th.Rank = 4 }), lr.ErrRank, []string{"Rank = 4", "min(4, 3)"}},
		{"theorem of Cα < 0", theorem(func(th *problem.RowNormTheorem) { th.CAlpha = -1 }), lr.ErrValue, []string{"CAlpha = -1", "0 for the default"}},
		{"theorem of a small Cα alone", theorem(func(th *problem.RowNormTheorem) { th.CAlpha = 0.5 }), lr.ErrValue, []string{"CAlpha = 0.5", "at least 1"}},
		{"theorem of Cλ = ∞", theorem(func(th *problem.RowNormTheorem) { th.CLambda = inf }), lr.ErrValue, []string{"CLambda = +Inf"}},
		{"theorem's samples without p", failure(problem.RowNormTheorem{Of: p, Mu: 2, Kappa: 3, Sigma1: 1}.SampleConstant()), lr.ErrValue, []string{"P = 0", "0 < P ≤ 1"}},
	})
}

func TestBadLinear(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 4, D2: 3, Rank: 1, M: 5})
	bare := lr.Funcs{Name: "bare", D1: 4, D2: 3, Rank: 1, GradFunc: func(_, _ *lr.Factors) float64 { return 0 }}
	other, err := operator.NewGaussian(3, 4, 5, 1)
	ok(t, other, err)
	n, w := mat.NewDense(4, 3, nil), make([]float64, 5)
	linear := func(l problem.Linear) error { l.Of = p; return failure(l.New()) }
	refused(t, []badCase{
		{"linear of nothing", failure(problem.Linear{N: n}.New()), lr.ErrEmpty, []string{"Linear", "Of"}},
		{"no N", linear(problem.Linear{}), lr.ErrEmpty, []string{"N given: false", "exactly one"}},
		{"N and an operator", linear(problem.Linear{N: n, Operator: p.Operator(), W: w}), lr.ErrEmpty, []string{"N given: true", "exactly one"}},
		{"N of another shape", linear(problem.Linear{N: n.T()}), lr.ErrShape, []string{"3×4", "4×3"}},
		{"N with NaN", linear(problem.Linear{N: nanDense(4, 3)}), lr.ErrValue, []string{"NaN", "(0, 0)"}},
		{"c = ∞", linear(problem.Linear{N: n, Constant: math.Inf(1)}), lr.ErrValue, []string{"Constant = +Inf"}},
		{"W without an operator", linear(problem.Linear{W: w}), lr.ErrEmpty, []string{"there is no operator"}},
		{"another operator", linear(problem.Linear{Operator: other, W: w}), lr.ErrShape, []string{"3×4", "4×3"}},
		{"W too short", linear(problem.Linear{Operator: p.Operator(), W: w[:4]}), lr.ErrShape, []string{"4 numbers", "5 measurements"}},
		{"W with NaN", linear(problem.Linear{Operator: p.Operator(), W: []float64{0, math.NaN(), 0, 0, 0}}), lr.ErrValue, []string{"value 1", "NaN"}},
		{"noise on nothing", failure(problem.LinearNoise{Noise: w}.New()), lr.ErrEmpty, []string{"LinearNoise"}},
		{"noise on no least squares", failure(problem.LinearNoise{Of: bare, Noise: w}.New()), lr.ErrAbility, []string{"bare", "least-squares"}},
		{"noise too short", failure(problem.LinearNoise{Of: p, Noise: w[:2]}.New()), lr.ErrShape, []string{"2 values", "5 measurements"}},
		{"noise with NaN", failure(problem.LinearNoise{Of: p, Noise: []float64{0, 0, 0, 0, math.NaN()}}.New()), lr.ErrValue, []string{"value 4", "NaN"}},
	})
}

func TestBadLiftsAndSums(t *testing.T) {
	p := made(t, problem.GaussianSensing{D1: 4, D2: 3, Rank: 1, M: 5})
	sym := made(t, problem.GaussianSensing{D1: 4, Rank: 1, M: 5, Symmetric: true})
	sum := func(parts ...lr.Problem) error { return failure(problem.Separable{Parts: parts}.New()) }
	refused(t, []badCase{
		{"lift of nothing", failure(problem.Lift{}.New()), lr.ErrEmpty, []string{"Lift"}},
		{"lift of symmetric", failure(problem.Lift{Of: sym}.New()), lr.ErrShape, []string{"symmetric", "asymmetric"}},
		{"no parts", sum(), lr.ErrEmpty, []string{"no Parts", "at least one"}},
		{"a nil part", sum(p, nil), lr.ErrEmpty, []string{"part 1"}},
		{"a symmetric part", sum(p, sym), lr.ErrShape, []string{"part 1", "symmetric"}},
		{"other rows", sum(p, made(t, problem.GaussianSensing{D1: 5, D2: 3, Rank: 1, M: 5})), lr.ErrShape, []string{"part 1", "5×3", "4 rows"}},
		{"another rank", sum(p, made(t, problem.GaussianSensing{D1: 4, D2: 3, Rank: 2, M: 5})), lr.ErrShape, []string{"rank 2", "rank 1"}},
		{"truth of another shape", failure(problem.Separable{Parts: []lr.Problem{p, p}, Truth: lr.NewFactors(4, 3, 1)}.New()), lr.ErrShape, []string{"4×3", "4×6"}},
		{"truth without U", failure(problem.Separable{Parts: []lr.Problem{p}, Truth: &lr.Factors{}}.New()), lr.ErrShape, []string{"truth", "no U"}},
	})
}
