package problem

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

// Linear adds a linear function of the matrix,
//
//	g(U, V) − ⟨N, M⟩ + c,  M = UVᵀ or UUᵀ
//
// This is how noise enters the analysis of [G] §4: measured b + n in place of
// b, a least-squares objective becomes itself with the Q above, for
// N = 𝒜*(w·n) and a constant; [LinearNoise] makes that one. N is given as a
// matrix, or as N = 𝒜*(W) by an operator and its weights, and is then held
// only as the operator's workspace holds it: for a mask, W alone.
//
// The term belongs to f(UVᵀ): products with ∇f have −N in them, and
// Unregularised keeps it. A symmetric problem sees only the symmetric part of
// N, which need not be symmetric.
//
// A gradient costs two products of N with r columns beside the problem's own
// work, 4·d1·d2·r flops for a dense N; so does a Hessian product, and the
// gradient of a batch, which has all of the term. A dense N is copied, 8·d1·d2
// bytes, and shared by all evaluators.
type Linear struct {
	Of       lr.Problem  // the problem to add to
	N        mat.Matrix  // N, d1×d2; copied. Give it, or Operator and W
	Operator lr.Operator // 𝒜 of N = 𝒜*(W), on d1×d2 matrices
	W        []float64   // one number a measurement; copied
	Constant float64     // c; default 0
}

// New returns the problem with the term. Neither N nor an operator, or both,
// shapes that do not fit, and numbers that are not finite are errors.
func (l Linear) New() (*Regularised, error) {
	if err := checkOf("Linear", l.Of); err != nil {
		return nil, err
	}
	if !finite(l.Constant) {
		return nil, fmt.Errorf("problem: Linear has Constant = %v; a finite number is wanted: %w", l.Constant, lr.ErrValue)
	}
	hasOp := l.Operator != nil || l.W != nil
	if (l.N != nil) == hasOp {
		return nil, fmt.Errorf("problem: Linear has N given: %t, Operator or W given: %t; exactly one of the two is wanted: %w", l.N != nil, hasOp, lr.ErrEmpty)
	}
	t := &linear{constant: l.Constant}
	var err error
	if hasOp {
		err = t.fromOperator(l)
	} else {
		err = t.fromMatrix(l)
	}
	if err != nil {
		return nil, err
	}
	return regularise(l.Of, t), nil
}

// LinearNoise adds noise n to the measurements of a least-squares problem in
// the form of Linear,
//
//	(w/2)‖𝒜(M) − b − n‖² = (w/2)‖𝒜(M) − b‖² − ⟨𝒜*(w·n), M⟩ + w⟨n, b⟩ + (w/2)‖n‖²
//
// so that the noise-free objective and the share of the noise can be looked at
// apart. The two sides agree to rounding in all derivatives.
type LinearNoise struct {
	Of    lr.Problem // a problem in least-squares form
	Noise []float64  // n, one number a measurement, in the operator's order
}

// New returns the noisy problem. A problem that is not in least-squares form,
// a wrong number of values, and values that are not finite are errors.
func (l LinearNoise) New() (*Regularised, error) {
	if err := checkOf("LinearNoise", l.Of); err != nil {
		return nil, err
	}
	s, ok := lr.LeastSquaresOf(l.Of)
	if !ok {
		return nil, fmt.Errorf("problem: LinearNoise needs %v, which %s lacks: %w", lr.AbilityLeastSquares, printed(l.Of), lr.ErrAbility)
	}
	if len(l.Noise) != len(s.B) {
		return nil, fmt.Errorf("problem: LinearNoise has %d values for %d measurements; they must be as many: %w", len(l.Noise), len(s.B), lr.ErrShape)
	}
	if err := checkFinite("LinearNoise", l.Noise); err != nil {
		return nil, err
	}
	w, c := make([]float64, len(l.Noise)), 0.0
	for i, n := range l.Noise {
		w[i] = s.Weight * n
		c += float64(w[i] * (s.B[i] + n/2))
	}
	return Linear{Of: l.Of, Operator: s.Operator, W: w, Constant: c}.New()
}

// linear is the term ⟨L, M⟩ + c with L = −N = 𝒜*(w), where 𝒜 is the identity
// and w the entries of L if that is given as a matrix.
type linear struct {
	l        *mat.Dense // nil for an L given by an operator
	op       lr.Operator
	w        []float64
	constant float64
}

// setMatrix makes l the L of the term; l is not shared with others.
func (t *linear) setMatrix(l *mat.Dense) error {
	d1, d2 := l.Dims()
	eye, err := operator.NewIdentity(d1, d2)
	if err != nil {
		return fmt.Errorf("problem: Linear: %w", err)
	}
	t.l, t.op, t.w = l, eye, l.RawMatrix().Data
	return nil
}

func (t *linear) fromMatrix(l Linear) error {
	d1, d2, _ := l.Of.Dims()
	if n1, n2 := l.N.Dims(); n1 != d1 || n2 != d2 {
		return fmt.Errorf("problem: Linear has N %d×%d over a problem of shape %d×%d; they must be equal: %w", n1, n2, d1, d2, lr.ErrShape)
	}
	minus := mat.NewDense(d1, d2, nil)
	for i := range d1 {
		row := minus.RawRowView(i)
		for j := range row {
			v := l.N.At(i, j)
			if !finite(v) {
				return fmt.Errorf("problem: Linear has N with %v at (%d, %d); every entry must be finite: %w", v, i, j, lr.ErrValue)
			}
			row[j] = -v
		}
	}
	return t.setMatrix(minus)
}

func (t *linear) fromOperator(l Linear) error {
	if err := lr.CheckOperator(l.Operator); err != nil {
		return fmt.Errorf("problem: Linear: %w", err)
	}
	d1, d2, _ := l.Of.Dims()
	o1, o2, m := l.Operator.Dims()
	if o1 != d1 || o2 != d2 {
		return fmt.Errorf("problem: Linear has an operator on %d×%d matrices over a problem of shape %d×%d; they must be equal: %w", o1, o2, d1, d2, lr.ErrShape)
	}
	if len(l.W) != m {
		return fmt.Errorf("problem: Linear has %d numbers in W for %d measurements; they must be as many: %w", len(l.W), m, lr.ErrShape)
	}
	if err := checkFinite("Linear's W", l.W); err != nil {
		return err
	}
	t.op, t.w = l.Operator, make([]float64, m)
	for i, v := range l.W {
		t.w[i] = -v
	}
	return nil
}

func (t *linear) String() string {
	of := "N"
	if t.l == nil {
		of = fmt.Sprintf("%v*(w)", t.op)
	}
	if t.constant == 0 {
		return fmt.Sprintf("linear(−⟨%s, M⟩)", of)
	}
	return fmt.Sprintf("linear(−⟨%s, M⟩ + %.4g)", of, t.constant)
}

// split adds to each part its columns of a dense L, and the constant to the
// first; nil for an L that has no columns to show.
func (t *linear) split(parts []lr.Problem) []lr.Problem {
	if t.l == nil {
		return nil
	}
	d1, _ := t.l.Dims()
	out := make([]lr.Problem, len(parts))
	from := 0
	for j, p := range parts {
		_, cols, _ := p.Dims()
		mine := new(linear)
		if err := mine.setMatrix(mat.DenseCopyOf(t.l.Slice(0, d1, from, from+cols))); err != nil {
			return nil // not so: it is smaller than L
		}
		if j == 0 {
			mine.constant = t.constant
		}
		out[j] = regularise(p, mine)
		from += cols
	}
	return out
}

func (t *linear) newEval(d1, _, r int) termEval {
	return &linearEval{t: t, left: mat.NewDense(d1, r, nil)}
}

// linearEval makes 𝒜*(w) at its first use.
type linearEval struct {
	t    *linear
	l    lr.OperatorEval // holds L; nil before
	left *mat.Dense      // L·V
}

// mul sets dst = c·dst + L·z, or c·dst + Lᵀ·z when trans.
func (e *linearEval) mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	if e.l == nil {
		op := e.t.op.NewEval()
		op.Adjoint(e.t.w)
		e.l = op
	}
	e.l.Mul(dst, c, trans, z)
}

// ⟨L, UVᵀ⟩ = ⟨LV, U⟩; the gradient is (LV, LᵀU), or (L + Lᵀ)U when V is U.
func (e *linearEval) add(dst, x *lr.Factors) float64 {
	e.mul(e.left, 0, false, x.Right())
	if dst != nil {
		addScaled(dst.U, 1, e.left)
		e.mul(dst.Right(), 1, true, x.U)
	}
	return e.t.constant + linalg.Dot(e.left, x.U)
}

func (e *linearEval) addHess(dst, _, d *lr.Factors) {
	e.mul(dst.U, 1, false, d.Right())
	e.mul(dst.Right(), 1, true, d.U)
}

func (e *linearEval) addMul(dst *mat.Dense, trans bool, _ *lr.Factors, z *mat.Dense) {
	e.mul(dst, 1, trans, z)
}
