package theory

import (
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// objectivesOfG are the objectives of [G] in the order of the paper.
func objectivesOfG() []Item {
	return []Item{
		{
			Name: "[G] (3)", Statement: "asymmetric sensing: 1/(2m) Σᵢ(⟨UVᵀ,Aᵢ⟩ − bᵢ)² + ⅛‖UᵀU − VᵀV‖²",
			Functions: []string{"problem.Sensing", "problem.GaussianSensing", "problem.Balance"},
			Tests:     []string{"problem.TestVectors", "problem.TestLoops"},
			Measure:   checkDerivatives(balancedSensing),
		}, {
			Name: "[G] (4)", Statement: "asymmetric completion: 1/(2p) ‖(UVᵀ − M*)_Ω‖² + ⅛‖UᵀU − VᵀV‖² + λ₁Σᵢ(‖eᵢᵀU‖ − α₁)₊⁴ + λ₂Σⱼ(‖eⱼᵀV‖ − α₂)₊⁴",
			Functions: []string{"problem.Completion", "problem.Balance", "problem.RowNorm"},
			Tests:     []string{"problem.TestRowNormVectors", "problem.TestRowNormTwin"},
			Measure:   checkDerivatives(regularisedCompletion),
		}, {
			Name: "[G] (6)", Statement: "asymmetric robust PCA: min over S ∈ S_γα of ½‖UVᵀ + S − M_o‖² + ⅛‖UᵀU − VᵀV‖²",
			Functions: []string{"problem.RobustPCA", "problem.Balance", "problem.Split.Majoriser"},
			Tests:     []string{"problem.TestSplitVectors", "problem.TestMajoriser"},
			Measure: checkDerivatives(func(seed uint64) (lr.Problem, error) {
				return balanced(problem.RandomRobustPCA{D1: 14, D2: 11, Rank: 2, Alpha: 0.1, Gamma: 2, Seed: seed}.New())
			}),
		}, {
			Name: "[G] (7), (8)", Statement: "symmetric: ½ (UUᵀ − M*) : H : (UUᵀ − M*) + Q(U) for a self-adjoint H, U d×r",
			Functions: []string{"problem.General", "problem.RowNorm"},
			Tests:     []string{"problem.TestVectors", "problem.TestGeneralLoops"},
			Measure:   checkDerivatives(generalSymmetric),
		}, {
			Name: "[G] (10)", Statement: "symmetric sensing: 1/(2m) Σᵢ(⟨UUᵀ,Aᵢ⟩ − bᵢ)²",
			Functions: []string{"problem.Sensing", "problem.GaussianSensing"},
			Tests:     []string{"problem.TestVectors", "problem.TestLoops"},
			Measure: checkDerivatives(func(seed uint64) (lr.Problem, error) {
				return problem.GaussianSensing{D1: 8, Rank: 2, M: 60, Symmetric: true, Scale: problem.ScaleMean, Seed: seed}.New()
			}),
		}, {
			Name: "[G] (11)", Statement: "symmetric completion: 1/(2p) ‖(UUᵀ − M*)_Ω‖² + λ Σᵢ(‖eᵢᵀU‖ − α)₊⁴",
			Functions: []string{"problem.Completion", "problem.RowNorm"},
			Tests:     []string{"problem.TestRowNormVectors", "problem.TestCompletionLoops"},
			Measure: checkDerivatives(func(seed uint64) (lr.Problem, error) {
				p, err := problem.RandomCompletion{D1: 14, Rank: 2, P: 0.6, Symmetric: true, Seed: seed}.New()
				if err != nil {
					return nil, err
				}
				return problem.RowNorm{Of: p, Lambda: 0.5, Alpha: 1}.New()
			}),
		}, {
			Name: "[G] (12)", Statement: "symmetric robust PCA: min over S ∈ S_γα of ½‖UUᵀ + S − M_o‖²",
			Functions: []string{"problem.RobustPCA", "problem.Split.Majoriser"},
			Tests:     []string{"problem.TestSplitVectors", "problem.TestMajoriser"},
			Measure: checkDerivatives(func(seed uint64) (lr.Problem, error) {
				return problem.RandomRobustPCA{D1: 14, Rank: 2, Alpha: 0.1, Gamma: 2, Symmetric: true, Seed: seed}.New()
			}),
		}, {
			Name: "[G] (13)", Statement: "factorisation: ½‖UUᵀ − A‖², A symmetric, of any rank and sign",
			Functions: []string{"problem.Factorisation"},
			Tests:     []string{"problem.TestFactorisationLoops", "problem.TestVectors"},
			Measure: checkDerivatives(func(seed uint64) (lr.Problem, error) {
				b := lr.NormalMatrix(lr.Stream(seed, "A"), 9, 9)
				var a mat.Dense
				a.Add(b, b.T())
				return problem.Factorisation{A: &a, Rank: 3, Symmetric: true}.New()
			}),
		}, {
			Name: "[G] (14)", Statement: "asymmetric: 2 (M − M*) : H₀ : (M − M*) + ½‖UᵀU − VᵀV‖² + Q₀(U, V), four times (3), (4) and (6)",
			Functions: []string{"problem.General", "problem.Balance"},
			Tests:     []string{"problem.TestVectors", "problem.TestGeneralLoops"},
			Measure:   checkDerivatives(generalAsymmetric),
		}, {
			Name: "[G] (16)", Statement: "lifted: ½[(N − N*) : 4H₁ : (N − N*) + N : 𝒢 : N] + Q(W), with W and N of Def 7",
			Functions: []string{"problem.Lift"},
			Tests:     []string{"problem.TestLiftVectors", "problem.TestLiftIsFourTimes"},
			Measure: checkDerivatives(func(seed uint64) (lr.Problem, error) {
				p, err := balancedSensing(seed)
				if err != nil {
					return nil, err
				}
				return problem.Lift{Of: p}.New()
			}),
		},
	}
}

// objectivesOfL are the objectives of [L].
func objectivesOfL() []Item {
	return []Item{
		{
			Name: "[L] (II.2)", Statement: "centralised: g(U, V) = f(UVᵀ) for a general f with ∇f(X) and ∇²f(X)[D, D]; here one-bit observations, Σ_Ω log(1 + e^(−yX))",
			Functions: []string{"problem.Function", "problem.MeasurementLoss", "problem.OneBit", "problem.WeightedFactorisation", "problem.Poisson", "problem.Huber"},
			Tests:     []string{"problem.TestVectors", "problem.TestFunctionLoops", "problem.TestEntryLosses", "problem.TestMeasurementLosses"},
			Measure: checkDerivatives(func(seed uint64) (lr.Problem, error) {
				return problem.RandomOneBit{D1: 9, D2: 8, Rank: 2, P: 0.7, Seed: seed}.New()
			}),
		}, {
			Name: "[L] (II.3)", Statement: "separable: Σⱼ fⱼ(UVⱼᵀ), V = [V₁; …; V_J]",
			Functions: []string{"problem.Separable"},
			Tests:     []string{"problem.TestSeparableVectors", "problem.TestSeparableTwin"},
			Measure:   checkDerivatives(separable),
		}, {
			Name: "[L] (IV.1)", Statement: "sensing: ½‖𝒜(UVᵀ − X*)‖², and with (μ/4)‖UᵀU − VᵀV‖²",
			Functions: []string{"problem.Sensing", "problem.GaussianSensing", "problem.Balance"},
			Tests:     []string{"problem.TestVectors", "problem.TestLoops"},
			Measure: checkDerivatives(func(seed uint64) (lr.Problem, error) {
				p, err := problem.GaussianSensing{D1: 8, D2: 7, Rank: 2, M: 60, Seed: seed}.New()
				if err != nil {
					return nil, err
				}
				return problem.Balance{Of: p, Mu: math.Pow(10, -float64(seed%5))}.New()
			}),
		},
		objectiveOfNetwork(),
	}
}

// balanced adds [G]'s ⅛‖UᵀU − VᵀV‖² to a problem just made.
func balanced(p lr.Problem, err error) (lr.Problem, error) {
	if err != nil {
		return nil, err
	}
	return problem.Balance{Of: p, Mu: 0.5}.New()
}

// balancedSensing is (3) with Gaussian measurements.
func balancedSensing(seed uint64) (lr.Problem, error) {
	return balanced(problem.GaussianSensing{D1: 8, D2: 7, Rank: 2, M: 60, Scale: problem.ScaleMean, Seed: seed}.New())
}

// regularisedCompletion is (4), with rows on both sides of the bound α.
func regularisedCompletion(seed uint64) (lr.Problem, error) {
	p, err := balanced(problem.RandomCompletion{D1: 12, D2: 10, Rank: 2, P: 0.6, Seed: seed}.New())
	if err != nil {
		return nil, err
	}
	return problem.RowNorm{Of: p, Lambda: 0.5, Alpha: 1}.New()
}

// generalSymmetric is (8) with H = I + δK and a Q.
func generalSymmetric(seed uint64) (lr.Problem, error) {
	h, err := operator.Perturbed{D1: 9, Delta: 0.3, Seed: seed, Symmetric: true}.New()
	if err != nil {
		return nil, err
	}
	truth := &lr.Factors{U: lr.NormalMatrix(lr.Stream(seed, "truth"), 9, 2)}
	p, err := problem.General{Form: h, Truth: truth, Rank: 2, Symmetric: true}.New()
	if err != nil {
		return nil, err
	}
	return problem.RowNorm{Of: p, Lambda: 0.5, Alpha: 1}.New()
}

// generalAsymmetric is (14) with H₀ = I + δK.
func generalAsymmetric(seed uint64) (lr.Problem, error) {
	h, err := operator.Perturbed{D1: 9, D2: 7, Delta: 0.3, Seed: seed}.New()
	if err != nil {
		return nil, err
	}
	rng := lr.Stream(seed, "truth")
	truth := &lr.Factors{U: lr.NormalMatrix(rng, 9, 2), V: lr.NormalMatrix(rng, 7, 2)}
	p, err := problem.General{Form: h, Truth: truth, Rank: 2, Weight: 4}.New()
	if err != nil {
		return nil, err
	}
	return problem.Balance{Of: p, Mu: 2}.New()
}

// separable is (II.3) with three parts of their own sensing maps.
func separable(seed uint64) (lr.Problem, error) {
	var parts []lr.Problem
	for j, width := range []int{3, 4, 2} {
		p, err := problem.GaussianSensing{D1: 8, D2: width, Rank: 2, M: 40, Seed: 10*seed + uint64(j)}.New()
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return problem.Separable{Parts: parts}.New()
}
