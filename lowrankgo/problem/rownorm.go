package problem

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// RowNorm adds the regulariser of [G](4), (11) that keeps rows small, so that
// a matrix of which few entries are seen stays incoherent,
//
//	Q(U, V) = λ₁ Σᵢ (‖eᵢᵀU‖ − α₁)₊⁴ + λ₂ Σⱼ (‖eⱼᵀV‖ − α₂)₊⁴
//
// with (t)₊ = max(t, 0); a symmetric problem has the first sum only. Q is
// twice continuously differentiable: it leaves rows below α alone, and its
// first three derivatives vanish where a row reaches α. It costs O((d1+d2)r).
//
// [RowNormTheorem] gives λ and α the orders of the theorems; [RowNorm.Lemma11]
// says what share of the curvature they may take.
type RowNorm struct {
	Of      lr.Problem // the problem to regularise
	Lambda  float64    // λ₁ > 0, for the rows of U
	Alpha   float64    // α₁ > 0; +Inf leaves U alone
	LambdaV float64    // λ₂, for the rows of V; default Lambda
	AlphaV  float64    // α₂; default Alpha; +Inf leaves V alone
}

// New returns the regularised problem. A λ that is not positive and finite, an
// α that is not positive, and fields for V over a symmetric problem are errors.
func (q RowNorm) New() (*Regularised, error) {
	if err := checkOf("RowNorm", q.Of); err != nil {
		return nil, err
	}
	if lr.SymmetricOf(q.Of) && (q.LambdaV != 0 || q.AlphaV != 0) {
		return nil, fmt.Errorf("problem: RowNorm has LambdaV = %v, AlphaV = %v over a symmetric problem; M = UUᵀ has no V, so both must be 0: %w", q.LambdaV, q.AlphaV, lr.ErrShape)
	}
	q = q.filled()
	if err := q.check(); err != nil {
		return nil, err
	}
	t := rowNorm{u: rowPenalty{q.Lambda, q.Alpha}}
	if !lr.SymmetricOf(q.Of) {
		t.v = &rowPenalty{q.LambdaV, q.AlphaV}
	}
	return regularise(q.Of, t), nil
}

func (q RowNorm) filled() RowNorm {
	if q.LambdaV == 0 {
		q.LambdaV = q.Lambda
	}
	if q.AlphaV == 0 {
		q.AlphaV = q.Alpha
	}
	return q
}

func (q RowNorm) check() error {
	if err := positive("RowNorm", "Lambda", q.Lambda, " (for λ = 0 use the problem itself)"); err != nil {
		return err
	}
	if err := positive("RowNorm", "LambdaV", q.LambdaV, ", or 0 for that of Lambda"); err != nil {
		return err
	}
	if !(q.Alpha > 0) || !(q.AlphaV > 0) {
		return fmt.Errorf("problem: RowNorm has Alpha = %v, AlphaV = %v; positive numbers are wanted (AlphaV may be left out; +Inf leaves a side alone): %w", q.Alpha, q.AlphaV, lr.ErrValue)
	}
	return nil
}

// rowNorm is the term and, as it needs no memory, its own workspace.
type rowNorm struct {
	u rowPenalty
	v *rowPenalty // nil when symmetric
}

func (t rowNorm) String() string {
	switch {
	case t.v == nil || *t.v == t.u:
		return fmt.Sprintf("row norm(λ = %.4g, α = %.4g)", t.u.lambda, t.u.alpha)
	default:
		return fmt.Sprintf("row norm(λ = %.4g, %.4g, α = %.4g, %.4g)", t.u.lambda, t.v.lambda, t.u.alpha, t.v.alpha)
	}
}

func (t rowNorm) newEval(_, _, _ int) termEval { return t }

func (t rowNorm) add(dst, x *lr.Factors) float64 {
	var du, dv *mat.Dense
	if dst != nil {
		du, dv = dst.U, dst.V
	}
	s := t.u.add(du, x.U)
	if t.v != nil {
		s += t.v.add(dv, x.V)
	}
	return s
}

func (t rowNorm) addHess(dst, x, d *lr.Factors) {
	t.u.addHess(dst.U, x.U, d.U)
	if t.v != nil {
		t.v.addHess(dst.V, x.V, d.V)
	}
}

// rowPenalty is λ Σᵢ (‖xᵢ‖ − α)₊⁴ over the rows of one factor.
type rowPenalty struct{ lambda, alpha float64 }

// add adds the gradient, 4λe³·x/n with n = ‖x‖ and e = n − α where e > 0, to
// dst unless it is nil, and returns the value.
func (p rowPenalty) add(dst, x *mat.Dense) float64 {
	var sum float64
	for i := range x.RawMatrix().Rows {
		row := x.RawRowView(i)
		n := rowLength(row)
		e := n - p.alpha
		if e <= 0 {
			continue
		}
		cube := e * e * e
		sum += float64(cube * e)
		if dst == nil {
			continue
		}
		c := 4 * p.lambda * cube / n
		out := dst.RawRowView(i)
		for k, v := range row {
			out[k] += float64(c * v)
		}
	}
	return float64(p.lambda * sum)
}

// addHess adds the derivative of the gradient along d,
//
//	4λ(e³/n)·d + 4λ(e²/n)(2n + α)⟨u, d⟩·u,  u = x/n
func (p rowPenalty) addHess(dst, x, d *mat.Dense) {
	for i := range x.RawMatrix().Rows {
		row := x.RawRowView(i)
		n := rowLength(row)
		e := n - p.alpha
		if e <= 0 {
			continue
		}
		dir := d.RawRowView(i)
		var along float64
		for k, v := range row {
			along += float64(v / n * dir[k])
		}
		c := 4 * p.lambda * e * e / n
		across, radial := c*e, c*(n+n+p.alpha)*along
		out := dst.RawRowView(i)
		for k, v := range row {
			out[k] += float64(across*dir[k]) + float64(radial*(v/n))
		}
	}
}

// rowLength is the Euclidean norm of a row.
func rowLength(row []float64) float64 {
	var s float64
	for _, v := range row {
		s += float64(v * v)
	}
	return math.Sqrt(s)
}
