package lowrankgo

import "gonum.org/v1/gonum/mat"

// Ability names what a Problem or an Evaluator may be able to do beyond its
// interface.
type Ability int

const (
	AbilityHessVec      Ability = iota // Hessian-vector products
	AbilityMulGrad                     // products with ∇f(UVᵀ)
	AbilityTruth                       // the true matrix is known
	AbilityLeastSquares                // the objective is a linear least-squares one in M
	AbilityBatches                     // gradients of some of the objective's terms
	AbilityParts                       // a sum over blocks of columns
	AbilitySplit                       // data to be split into a low-rank and a sparse part
	AbilitySparsePart                  // the sparse part at a point
	AbilityErrorForm                   // a quadratic form around the truth
	AbilityMajoriser                   // a smooth function above the objective, equal at a point
	AbilityCurvature                   // the second derivative at a matrix of any rank
)

func (a Ability) String() string {
	switch a {
	case AbilityHessVec:
		return "Hessian-vector products (HessVec)"
	case AbilityMulGrad:
		return "products with the matrix gradient (MulGrad)"
	case AbilityTruth:
		return "a known true matrix (Truth)"
	case AbilityLeastSquares:
		return "a least-squares form (LeastSquares)"
	case AbilityBatches:
		return "gradients of batches of terms (Batches)"
	case AbilityParts:
		return "a sum over blocks of columns (Parts)"
	case AbilitySplit:
		return "data to split into a low-rank and a sparse part (Split)"
	case AbilitySparsePart:
		return "a sparse part at a point (SparsePart)"
	case AbilityErrorForm:
		return "a quadratic form around the truth (ErrorForm)"
	case AbilityMajoriser:
		return "a majoriser at a point (Majoriser)"
	case AbilityCurvature:
		return "second derivatives at a matrix of any rank (Curvature)"
	}
	return "unknown ability"
}

// Partial is implemented by a problem, or an evaluator, whose type has more
// methods than it can always serve, such as a wrapper or [Funcs].
type Partial interface {
	// Has reports whether the ability's method may be called.
	Has(Ability) bool
}

// Has reports whether v, a problem or an evaluator that has the ability's
// methods, may be asked for it: unless it is a [Partial] that says no, it may.
func Has(v any, a Ability) bool {
	p, ok := v.(Partial)
	return !ok || p.Has(a)
}

// HessVec is an Evaluator with second derivatives, free of any matrix of
// Hessian size.
type HessVec interface {
	Evaluator
	// HessVec sets dst = ∇²f(x)[d]. dst may not share memory with x or d. It
	// is cheapest when x is the point of the last call of Grad or HessVec.
	HessVec(dst, x, d *Factors)
}

// HessVecOf returns a new evaluator of p with second derivatives, or false.
func HessVecOf(p Problem) (HessVec, bool) {
	e := p.NewEval()
	h, ok := e.(HessVec)
	return h, ok && Has(e, AbilityHessVec)
}

// MulGrad is an Evaluator of an objective f(UVᵀ) + regulariser(U, V) that can
// apply the d1×d2 matrix ∇f(UVᵀ) without storing it.
type MulGrad interface {
	Evaluator
	// MulGrad sets dst = ∇f(UVᵀ)·z (dst d1×k, z d2×k), or ∇f(UVᵀ)ᵀ·z (dst
	// d2×k, z d1×k) when trans. A nil x means M = 0.
	MulGrad(dst *mat.Dense, trans bool, x *Factors, z *mat.Dense)
}

// MulGradOf returns a new evaluator of p that can apply ∇f(UVᵀ), or false.
func MulGradOf(p Problem) (MulGrad, bool) {
	e := p.NewEval()
	g, ok := e.(MulGrad)
	return g, ok && Has(e, AbilityMulGrad)
}

// Batches is an Evaluator of an objective that is a sum of Terms() terms, such
// as one for each measurement, and perhaps a regulariser.
type Batches interface {
	Evaluator
	// Terms returns the number n of terms.
	Terms() int
	// GradBatch sets dst to
	//
	//	n/len(terms) · Σ_{i∈terms} ∇fᵢ(x) + ∇regulariser(x)
	//
	// for terms counted from 0, which may repeat: the gradient itself, on
	// average over terms drawn uniformly. It returns nothing about the value;
	// its cost is that of its terms, and of dst's size. It allocates nothing.
	GradBatch(dst, x *Factors, terms []int)
}

// BatchesOf returns a new evaluator of p that can take some of its terms, or
// false.
func BatchesOf(p Problem) (Batches, bool) {
	e := p.NewEval()
	b, ok := e.(Batches)
	return b, ok && Has(e, AbilityBatches)
}

// LeastSquares is an objective in its least-squares form
//
//	(Weight/2) ‖𝒜(M) − b‖² + (Ridge/2)(‖U‖² + ‖V‖²)
//
// for methods that solve for one factor exactly. Nothing in it may be changed.
type LeastSquares struct {
	Operator Operator  // 𝒜
	B        []float64 // b, in the operator's order
	Weight   float64   // > 0
	Ridge    float64   // ≥ 0
}

// LeastSquaresOf returns the least-squares form of p, or false. A problem
// offers it by a method LeastSquares() *LeastSquares.
func LeastSquaresOf(p Problem) (*LeastSquares, bool) {
	l, ok := p.(interface{ LeastSquares() *LeastSquares })
	if !ok || !Has(p, AbilityLeastSquares) {
		return nil, false
	}
	s := l.LeastSquares()
	return s, s != nil
}

// PartsOf returns the parts fⱼ of a separable objective Σⱼ fⱼ(U·Vⱼᵀ),
// V = [V1; …; VJ], in order: part j is a d1×mⱼ problem of the same rank. A
// problem offers them by a method Parts() []Problem.
func PartsOf(p Problem) ([]Problem, bool) {
	s, ok := p.(interface{ Parts() []Problem })
	if !ok || !Has(p, AbilityParts) {
		return nil, false
	}
	parts := s.Parts()
	return parts, len(parts) > 0
}

// TruthOf returns the factors of the true matrix M*, or false when it is not
// known. The caller must not change them.
func TruthOf(p Problem) (*Factors, bool) {
	t, ok := p.(interface{ Truth() *Factors })
	if !ok || !Has(p, AbilityTruth) {
		return nil, false
	}
	x := t.Truth()
	return x, x != nil
}

// SymmetricOf reports whether p works on symmetric factors, M = UUᵀ. A problem
// says so by a method Symmetric() bool; without one it is asymmetric.
func SymmetricOf(p Problem) bool {
	s, ok := p.(interface{ Symmetric() bool })
	return ok && s.Symmetric()
}
