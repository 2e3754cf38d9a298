package solver

import (
	"context"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/krylov"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"gonum.org/v1/gonum/mat"
)

// rows is a half for a mask: each row u of the factor has a problem of its own,
//
//	min_δ Σ_k (⟨u + δ, vₖ⟩ − bₖ)² + ρ‖u + δ‖²
//
// over its entries k, whose solution is the correction δ: the smaller the
// residual, the smaller its error.
type rows struct {
	left    bool    // solve for U, not V
	from    []int32 // entries of row i are from[i] … from[i+1]−1
	other   []int32 // the row of the other factor that each meets
	at      []int32 // where it is in b; nil: in this order
	b       []float64
	ridge   float64 // ρ, of an objective of weight 1
	inner   Inner
	limits  krylov.Limits
	blocks  int
	scratch []*rowScratch // one for each block
	loop    *par.Loop

	ctx  context.Context // of the call under way
	x, y *mat.Dense      // the factor solved for, and the other
	errs []error         // of each block
}

// newRows returns both halves.
func newRows(ls *lr.LeastSquares, p *lr.Pattern, x *lr.Factors, inner Inner, l krylov.Limits) (left, right half) {
	a := &rows{left: true, from: p.RowFrom, other: p.Col}
	b := &rows{from: p.ColFrom, other: p.Row, at: p.At}
	for _, h := range []*rows{a, b} {
		h.b, h.ridge, h.inner, h.limits = ls.B, ls.Ridge/ls.Weight, inner, l
		count := len(h.from) - 1
		h.blocks = par.Blocks(count, 1+count*256/(len(h.other)+count), 64)
		h.scratch, h.errs = make([]*rowScratch, h.blocks), make([]error, h.blocks)
		for k := range h.scratch {
			h.scratch[k] = newRowScratch(h, x.Rank())
		}
		h.loop = par.New(h.block)
	}
	return a, b
}

func (h *rows) solve(ctx context.Context, x *lr.Factors) error {
	h.ctx = ctx
	h.x, h.y = x.U, x.V
	if !h.left {
		h.x, h.y = x.V, x.U
	}
	h.loop.Run(h.blocks)
	for _, err := range h.errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (h *rows) block(block int) {
	lo, hi := par.Bounds(len(h.from)-1, h.blocks, block)
	s := h.scratch[block]
	h.errs[block] = nil
	for i := lo; i < hi; i++ {
		if err := h.ctx.Err(); err != nil {
			h.errs[block] = err
			return
		}
		s.lo, s.hi, s.u = int(h.from[i]), int(h.from[i+1]), h.x.RawRowView(i)
		if err := s.correct(); err != nil {
			h.errs[block] = err
			return
		}
		loops.AddScaled(s.u, 1, s.delta)
	}
}

// chunk is how many entries of a row are brought together at a time.
const chunk = 64

// rowScratch solves one row after another.
type rowScratch struct {
	h      *rows
	r, pad int // columns, and those rounded up to a multiple of 4
	u      []float64
	lo, hi int       // the row's entries
	vs     []float64 // pad×chunk: the other factor's rows, transposed
	res    []float64 // chunk: b − ⟨u, v⟩
	gram   []float64 // r×r
	rhs    []float64
	delta  []float64 // the correction
	qr     *linalg.RowQR
	cg     *krylov.CG
	mul    func(dst, x []float64)
}

func newRowScratch(h *rows, r int) *rowScratch {
	pad := (r + 3) / 4 * 4
	s := &rowScratch{
		h: h, r: r, pad: pad, vs: make([]float64, pad*chunk), res: make([]float64, chunk),
		rhs: make([]float64, pad), delta: make([]float64, r),
	}
	if h.inner == InnerCG {
		s.cg, s.mul = krylov.NewCG(r), s.times
		return s
	}
	s.gram, s.qr = make([]float64, r*r), linalg.NewRowQR(r)
	return s
}

// correct sets delta.
func (s *rowScratch) correct() error {
	switch {
	case s.h.inner == InnerCG:
		return s.conjugate()
	case s.h.inner == InnerCholesky && (s.hi-s.lo >= s.r || s.h.ridge > 0):
		if s.normal(); linalg.Cholesky(s.gram, s.r) > 1e-8 {
			copy(s.delta, s.rhs)
			linalg.SolveLower(s.gram, s.r, s.delta)
			linalg.SolveUpper(s.gram, s.r, s.delta)
			return nil
		}
	}
	s.triangle()
	return nil
}

// gather brings entries from … to−1, at most chunk of them, into vs and sets
// res.
func (s *rowScratch) gather(from, to int) []float64 {
	res := s.res[:to-from]
	y := s.h.y.RawMatrix()
	for e := range res {
		v := y.Data[int(s.h.other[from+e])*y.Stride:]
		for k := range s.r {
			s.vs[k*chunk+e] = v[k]
		}
		res[e] = s.target(from + e)
	}
	for k, u := range s.u {
		loops.AddScaled(res, -u, s.vs[k*chunk:k*chunk+len(res)])
	}
	return res
}

func (s *rowScratch) target(e int) float64 {
	if s.h.at != nil {
		e = int(s.h.at[e])
	}
	return s.h.b[e]
}

// normal forms the lower triangle of Σ vvᵀ + ρI and Σ res·v − ρu.
func (s *rowScratch) normal() {
	clear(s.gram)
	s.begin()
	for k := range s.r {
		s.gram[k*s.r+k] = s.h.ridge
	}
	var four [4]float64
	for from := s.lo; from < s.hi; from += chunk {
		res := s.gather(from, min(from+chunk, s.hi))
		s.addRhs(res)
		for j := range s.r {
			col := s.vs[j*chunk : j*chunk+len(res)]
			for i := j &^ 3; i < s.r; i += 4 {
				loops.Dot4(&four, s.vs[i*chunk:], chunk, col)
				for k, v := range four[:min(4, s.r-i)] {
					s.gram[(i+k)*s.r+j] += v // above the diagonal it is not read
				}
			}
		}
	}
}

// begin sets rhs = −ρu, to which addRhs adds Σ res·v.
func (s *rowScratch) begin() {
	clear(s.rhs)
	for k, u := range s.u {
		s.rhs[k] = -s.h.ridge * u
	}
}

func (s *rowScratch) addRhs(res []float64) {
	var four [4]float64
	for i := 0; i < s.pad; i += 4 {
		loops.Dot4(&four, s.vs[i*chunk:], chunk, res)
		for k, v := range four {
			s.rhs[i+k] += v
		}
	}
}

// triangle solves by QR, without forming the normal equations.
func (s *rowScratch) triangle() {
	s.qr.Reset()
	y := s.h.y
	for e := s.lo; e < s.hi; e++ {
		v := y.RawRowView(int(s.h.other[e]))
		s.qr.Add(v, s.target(e)-loops.Dot(v, s.u))
	}
	if s.h.ridge > 0 {
		root := math.Sqrt(s.h.ridge)
		for k, u := range s.u {
			clear(s.delta)
			s.delta[k] = root
			s.qr.Add(s.delta, -root*u)
		}
	}
	s.qr.Solve(s.delta)
}

// conjugate solves by conjugate gradients.
func (s *rowScratch) conjugate() error {
	s.begin()
	for from := s.lo; from < s.hi; from += chunk {
		s.addRhs(s.gather(from, min(from+chunk, s.hi)))
	}
	_, err := s.cg.Solve(s.h.ctx, s.mul, s.delta, s.rhs[:s.r], s.h.limits)
	return err
}

// times sets dst = (Σ vvᵀ + ρI)x.
func (s *rowScratch) times(dst, x []float64) {
	clear(dst)
	loops.AddScaled(dst, s.h.ridge, x)
	for e := s.lo; e < s.hi; e++ {
		v := s.h.y.RawRowView(int(s.h.other[e]))
		loops.AddScaled(dst, loops.Dot(v, x), v)
	}
}
