package problem

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// Regularised is a problem with a term added to its objective,
//
//	g̃(U, V) = g(U, V) + Q(U, V)
//
// as [Balance], [RowNorm], [Ridge] and [Linear] make it. It may be wrapped
// again: terms add up. It is immutable.
//
// It has Hessian products, products with ∇f(UVᵀ), batches and a truth if the
// problem inside has them. A batch's gradient has the whole gradient of the
// term. Only Ridge leaves a least-squares form one; only a Linear with a dense
// N leaves a sum over blocks of columns one.
//
// The sparse part of robust PCA is that of the problem inside: S is the minimiser
// for a given M, and no term depends on S. Only Balance leaves data to split what
// they are: it is 0 for some factors of every M, so that M and S are split as they
// are without it. The methods that split data do so without looking at the term,
// and give balanced factors. The majoriser is that of the problem inside with the
// term added, where there is one.
type Regularised struct{ sum }

// Unregularised returns the objective f(UVᵀ) alone, a function of the matrix:
// all terms of (U, V) are left out, those of [Linear], which is one of UVᵀ,
// stay.
func (g *Regularised) Unregularised() lr.Problem {
	f := unregularised(g.of)
	if _, ok := g.term.(*linear); ok {
		return &sum{f, g.term}
	}
	return f
}

// Majoriser returns the majoriser at x of the problem inside with the term added
// ([G] Def 5): it lies above g̃, as the one inside lies above g, and has g̃'s value
// and gradient at x. Without one inside, it is an error that wraps
// [lowrankgo.ErrAbility].
func (g *Regularised) Majoriser(x *lr.Factors) (lr.Problem, error) {
	of, err := lr.MajoriserOf(g.of, x)
	if err != nil {
		return nil, err
	}
	return regularise(of, g.term), nil
}

// unregularised is p without the terms that are not functions of UVᵀ.
func unregularised(p lr.Problem) lr.Problem {
	if u, ok := p.(interface{ Unregularised() lr.Problem }); ok {
		return unregularised(u.Unregularised())
	}
	return p
}

// A term is a smooth function of (U, V) that does not change under
// (UG, VG), G orthogonal.
type term interface {
	fmt.Stringer
	// newEval returns a workspace for factors of a d1×d2 matrix of rank r.
	newEval(d1, d2, r int) termEval
}

type termEval interface {
	// add returns the value at x and, unless dst is nil, adds the gradient to
	// dst.
	add(dst, x *lr.Factors) float64
	// addHess adds the derivative of the gradient at x along d to dst.
	addHess(dst, x, d *lr.Factors)
}

// mulAdder is the workspace of a term that is a function h of UVᵀ.
type mulAdder interface {
	// addMul adds ∇h(UVᵀ)·z or ∇h(UVᵀ)ᵀ·z to dst. A nil x means M = 0.
	addMul(dst *mat.Dense, trans bool, x *lr.Factors, z *mat.Dense)
}

// sum is a problem and one term. It has all that a Regularised has but its
// method Unregularised, by which callers find out that there is a regulariser.
type sum struct {
	of   lr.Problem
	term term
}

// Dims returns the shape of M and the number of factor columns.
func (s *sum) Dims() (d1, d2, r int) { return s.of.Dims() }

// Symmetric reports whether M = UUᵀ.
func (s *sum) Symmetric() bool { return lr.SymmetricOf(s.of) }

// Truth returns the truth of the problem inside, nil when it has none.
func (s *sum) Truth() *lr.Factors {
	t, _ := lr.TruthOf(s.of)
	return t
}

// LeastSquares returns the least-squares form with the ridge added, nil when
// the problem inside has none or the term is no ridge.
func (s *sum) LeastSquares() *lr.LeastSquares {
	inside, ok := lr.LeastSquaresOf(s.of)
	r, isRidge := s.term.(ridge)
	if !ok || !isRidge {
		return nil
	}
	l := *inside
	l.Ridge += r.lambda
	return &l
}

// Parts returns the parts of the problem inside, each with its columns of the
// term; nil when one of the two does not split.
func (s *sum) Parts() []lr.Problem {
	parts, ok := lr.PartsOf(s.of)
	l, isLinear := s.term.(*linear)
	if !ok || !isLinear {
		return nil
	}
	return l.split(parts)
}

// Split returns the data of the problem inside, nil when it has none or the term
// is not the one that leaves them what they are.
func (s *sum) Split() *lr.Split {
	inside, ok := lr.SplitOf(s.of)
	if _, isBalance := s.term.(balance); !ok || !isBalance {
		return nil
	}
	return inside
}

// Majoriser returns the majoriser of the problem inside with the term added.
func (s *sum) Majoriser(x *lr.Factors) (lr.Problem, error) {
	of, err := lr.MajoriserOf(s.of, x)
	if err != nil {
		return nil, err
	}
	return &sum{of, s.term}, nil
}

// Has reports which abilities the problem has.
func (s *sum) Has(a lr.Ability) bool {
	switch a {
	case lr.AbilityTruth:
		return s.Truth() != nil
	case lr.AbilityLeastSquares:
		return s.LeastSquares() != nil
	case lr.AbilityParts:
		return len(s.Parts()) > 0
	case lr.AbilitySplit:
		return s.Split() != nil
	case lr.AbilityErrorForm:
		return s.ErrorForm() != nil
	case lr.AbilityMajoriser:
		return lr.MajorisedOf(s.of)
	}
	return true // the evaluator's to say
}

func (s *sum) String() string { return fmt.Sprintf("%s + %v", printed(s.of), s.term) }

// printed is p with its parameters when it can be printed, else its type.
func printed(p lr.Problem) string {
	if s, ok := p.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("%T", p)
}

// NewEval returns a workspace: that of the problem inside and that of the
// term.
func (s *sum) NewEval() lr.Evaluator {
	e := &sumEval{p: s, able: ableOf(s.of), term: s.term.newEval(s.of.Dims())}
	e.matrix, _ = e.term.(mulAdder)
	return e
}

// able is an evaluator, seen by what it can do; what it cannot do is nil.
type able struct {
	of      lr.Evaluator
	hess    lr.HessVec
	mulGrad lr.MulGrad
	batches lr.Batches
	sparse  lr.SparsePart
}

func ableOf(p lr.Problem) able {
	e := p.NewEval()
	a := able{of: e}
	if h, ok := e.(lr.HessVec); ok && lr.Has(e, lr.AbilityHessVec) {
		a.hess = h
	}
	if m, ok := e.(lr.MulGrad); ok && lr.Has(e, lr.AbilityMulGrad) {
		a.mulGrad = m
	}
	if b, ok := e.(lr.Batches); ok && lr.Has(e, lr.AbilityBatches) {
		a.batches = b
	}
	if p, ok := e.(lr.SparsePart); ok && lr.Has(e, lr.AbilitySparsePart) {
		a.sparse = p
	}
	return a
}

// Has reports which abilities the evaluator inside has.
func (a *able) Has(what lr.Ability) bool {
	switch what {
	case lr.AbilityHessVec:
		return a.hess != nil
	case lr.AbilityMulGrad:
		return a.mulGrad != nil
	case lr.AbilityBatches:
		return a.batches != nil
	case lr.AbilitySparsePart:
		return a.sparse != nil
	}
	return false
}

type sumEval struct {
	able
	p      lr.Problem
	term   termEval
	matrix mulAdder // the term, if it is a function of UVᵀ
}

func (e *sumEval) Grad(dst, x *lr.Factors) float64 {
	checkShape(e.p, x)
	if dst != nil {
		checkShape(e.p, dst)
	}
	v := e.of.Grad(dst, x)
	return v + e.term.add(dst, x)
}

func (e *sumEval) HessVec(dst, x, d *lr.Factors) {
	checkShape(e.p, x)
	checkShape(e.p, d)
	checkShape(e.p, dst)
	e.hess.HessVec(dst, x, d)
	e.term.addHess(dst, x, d)
}

func (e *sumEval) MulGrad(dst *mat.Dense, trans bool, x *lr.Factors, z *mat.Dense) {
	e.mulGrad.MulGrad(dst, trans, x, z)
	if e.matrix != nil {
		e.matrix.addMul(dst, trans, x, z)
	}
}

func (e *sumEval) SparsePart(x *lr.Factors) *lr.Sparse { return e.sparse.SparsePart(x) }

func (e *sumEval) Overfull(x *lr.Factors) float64 { return e.sparse.Overfull(x) }

func (e *sumEval) Terms() int { return e.batches.Terms() }

func (e *sumEval) GradBatch(dst, x *lr.Factors, terms []int) {
	checkShape(e.p, x)
	checkShape(e.p, dst)
	e.batches.GradBatch(dst, x, terms)
	e.term.add(dst, x)
}

// regularise makes the wrapped problem; its parts have been checked.
func regularise(of lr.Problem, t term) *Regularised { return &Regularised{sum{of, t}} }

// checkOf says which config was given a problem that cannot be wrapped.
func checkOf(config string, of lr.Problem) error {
	if err := lr.CheckProblem(of); err != nil {
		return fmt.Errorf("problem: %s: its field Of: %w", config, err)
	}
	return nil
}

// positive returns an error unless v is a positive finite number.
func positive(config, field string, v float64, hint string) error {
	if v > 0 && !math.IsInf(v, 1) {
		return nil
	}
	return fmt.Errorf("problem: %s has %s = %v; a positive finite number is wanted%s: %w", config, field, v, hint, lr.ErrValue)
}
