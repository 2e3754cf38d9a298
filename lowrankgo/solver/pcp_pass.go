package solver

import (
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
)

// pcpPass holds the passes of [PCP] over all entries. Where an entry is
// missing, the multiplier is 0 and S takes what L leaves.
type pcpPass struct {
	s      *pcpState
	blocks int
	bufs   [][]float64 // of each block: a row of the data, and one of what the point leaves
	out    []float64   // of each block
	vt     []float64   // V of the point, transposed
	body   func(i int, d, work []float64) float64
	loop   *par.Loop
}

func newPCPPass(s *pcpState) *pcpPass {
	p := &pcpPass{s: s, blocks: par.Blocks(s.d1, 16, 64), vt: make([]float64, s.x.Rank()*s.d2)}
	p.bufs, p.out = make([][]float64, p.blocks), make([]float64, p.blocks)
	for b := range p.bufs {
		p.bufs[b] = make([]float64, 2*s.d2)
	}
	p.loop = par.New(p.block)
	return p
}

// run calls body for each row i, with its data d and room for as many numbers;
// what body returns is left in out, summed in each block.
func (p *pcpPass) run(body func(i int, d, work []float64) float64) {
	p.body = body
	p.loop.Run(p.blocks)
}

func (p *pcpPass) block(b int) {
	lo, hi := par.Bounds(p.s.d1, p.blocks, b)
	n := p.s.d2
	p.out[b] = 0
	for i := lo; i < hi; i++ {
		d := tiles.Row(p.s.data, p.bufs[b][:n], i, 0, n)
		p.out[b] += p.body(i, d, p.bufs[b][n:])
	}
}

// fill sets a to the data, 0 where they are missing, and returns the largest
// magnitude.
func (p *pcpPass) fill() float64 {
	tops := make([]float64, p.s.d1)
	p.run(func(i int, d, _ []float64) float64 {
		a := p.s.a.RawRowView(i)
		for j, v := range d {
			if v == v {
				a[j] = v
				tops[i] = math.Max(tops[i], math.Abs(v))
			}
		}
		return 0
	})
	top := 0.0
	for _, v := range tops {
		top = math.Max(top, v)
	}
	return top
}

// target sets next to D − S + Y/μ for the next S: it is L plus what S leaves
// of t = D − L + Y/μ, which is t cut off at ±λ/μ.
func (p *pcpPass) target() {
	s := p.s
	ratio, theta := s.last/s.mu, s.lambda/s.mu
	p.run(func(i int, d, _ []float64) float64 {
		l, a, next := s.l.RawRowView(i), s.a.RawRowView(i), s.next.RawRowView(i)
		for j, v := range d {
			t := v - l[j] + float64(ratio*(a[j]-l[j]))
			switch {
			case t > theta:
				t = theta
			case t < -theta:
				t = -theta
			case t != t: // missing
				t = 0
			}
			next[j] = l[j] + t
		}
		return 0
	})
}

// excess sets dst to row i of S, NaN where d is.
func (p *pcpPass) excess(dst []float64, i int, d []float64) {
	s := p.s
	ratio, theta := s.last/s.mu, s.lambda/s.mu
	l, a := s.l.RawRowView(i), s.a.RawRowView(i)
	for j, v := range d {
		t := v - l[j] + float64(ratio*(a[j]-l[j]))
		switch {
		case t > theta:
			t -= theta
		case t < -theta:
			t += theta
		case t == t:
			t = 0
		}
		dst[j] = t
	}
}

// left is Σ (D − UVᵀ − S)² over the observed entries, for the point's U and V.
func (p *pcpPass) left() float64 {
	s := p.s
	tiles.Transposed(p.vt, s.x.V)
	p.run(func(i int, d, e []float64) (sum float64) {
		p.excess(e, i, d)
		for j, v := range d {
			e[j] = v - e[j]
		}
		tiles.Subtract(e, s.x.U.RawRowView(i), p.vt, s.d2)
		for _, v := range e {
			if v == v {
				sum += float64(v * v)
			}
		}
		return sum
	})
	var sum float64
	for _, v := range p.out {
		sum += v
	}
	return sum
}

// sparse returns S.
func (p *pcpPass) sparse() *lr.Sparse {
	s := p.s
	return sparseByRows(s.d1, s.d2, func() func([]float64, int) {
		buf := make([]float64, s.d2)
		return func(dst []float64, i int) { p.excess(dst, i, tiles.Row(s.data, buf, i, 0, s.d2)) }
	})
}
