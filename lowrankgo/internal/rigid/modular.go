package rigid

import (
	"math/big"
	"math/bits"
	"math/rand/v2"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
)

// field is the integers modulo a prime p, 2⁵⁹ < p < 2⁶⁰.
type field struct{ p uint64 }

// newField draws a prime, uniformly among those of 60 bits.
func newField(rng *rand.Rand) field {
	for {
		p := 1<<59 | rng.Uint64N(1<<59) | 1
		if new(big.Int).SetUint64(p).ProbablyPrime(0) { // no doubt below 2⁶⁴
			return field{p}
		}
	}
}

func (f field) add(a, b uint64) uint64 {
	if a += b; a >= f.p {
		a -= f.p
	}
	return a
}

func (f field) sub(a, b uint64) uint64 {
	if a < b {
		a += f.p
	}
	return a - b
}

func (f field) mul(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	_, rem := bits.Div64(hi, lo, f.p) // hi < p
	return rem
}

// inverse of a ≠ 0, by Euclid's algorithm.
func (f field) inverse(a uint64) uint64 {
	r0, r1 := f.p, a
	s0, s1 := uint64(0), uint64(1) // rᵢ = sᵢ·a mod p
	for r1 != 0 {
		q := r0 / r1
		r0, r1 = r1, r0-q*r1
		s0, s1 = s1, f.sub(s0, f.mul(q%f.p, s1))
	}
	return s0
}

// lazy products of numbers below 2⁶⁰ fit into 128 bits.
const lazy = 256

// dot is Σ aᵢbᵢ over the length of a. It divides once for 256 products.
func (f field) dot(a, b []uint64) uint64 {
	var sum uint64
	for len(a) > 0 {
		n := min(len(a), lazy)
		var hi, lo uint64
		y := b[:n]
		for i, x := range a[:n] {
			h, l := bits.Mul64(x, y[i])
			var carry uint64
			lo, carry = bits.Add64(lo, l, 0)
			hi += h + carry
		}
		sum = f.add(sum, bits.Rem64(hi, lo, f.p))
		a, b = a[n:], b[n:]
	}
	return sum
}

// random numbers of the field, uniform.
func (f field) random(rng *rand.Rand, n int) []uint64 {
	out := make([]uint64, n)
	for i := range out {
		out[i] = rng.Uint64N(f.p)
	}
	return out
}

// invert replaces the n×n matrix a, row by row, by its inverse, and reports
// whether there is one.
func (f field) invert(a []uint64, n int) bool {
	b := make([]uint64, n*n)
	for i := range n {
		b[i*n+i] = 1
	}
	for k := range n {
		at := k
		for at < n && a[at*n+k] == 0 {
			at++
		}
		if at == n {
			return false
		}
		if at != k {
			for j := range n {
				a[k*n+j], a[at*n+j] = a[at*n+j], a[k*n+j]
				b[k*n+j], b[at*n+j] = b[at*n+j], b[k*n+j]
			}
		}
		c := f.inverse(a[k*n+k])
		for j := range n {
			a[k*n+j], b[k*n+j] = f.mul(a[k*n+j], c), f.mul(b[k*n+j], c)
		}
		for i := range n {
			c := a[i*n+k]
			if i == k || c == 0 {
				continue
			}
			for j := range n {
				a[i*n+j] = f.sub(a[i*n+j], f.mul(c, a[k*n+j]))
				b[i*n+j] = f.sub(b[i*n+j], f.mul(c, b[k*n+j]))
			}
		}
	}
	copy(a, b)
	return true
}

// echelon is a system of linear equations over a field in echelon form: each
// equation has a pivot, a column where it is 1 and later equations are 0.
type echelon struct {
	field
	// col[j] has the numbers that the equations have in column j, in order; of a
	// pivot those of the equations before its own.
	col   [][]uint64
	pivot []int // of each equation
	free  []int // columns without pivot, ascending
}

func newEchelon(f field, n int) *echelon {
	e := &echelon{field: f, col: make([][]uint64, n), free: make([]int, n)}
	for j := range e.free {
		e.free[j] = j
	}
	return e
}

// batch is how many equations are best added at once: they share the passes
// over the echelon form.
const batch = 32

// extend takes up equations with right side 0, given by rows, which it overwrites,
// and returns how many were independent of those before. Adding one to k
// equations in n unknowns costs kn − k²/2 products.
func (e *echelon) extend(rows [][]uint64) int {
	k := len(e.pivot)
	coef := make([][]uint64, len(rows)) // of earlier equations in each row
	for i := range coef {
		coef[i] = make([]uint64, k, k+len(rows))
	}
	const group = 8
	par.New(func(b int) {
		lo, hi := b*group, min(len(rows), (b+1)*group)
		for t, j := range e.pivot {
			for i := lo; i < hi; i++ {
				coef[i][t] = e.sub(rows[i][j], e.dot(coef[i][:t], e.col[j]))
			}
		}
	}).Run((len(rows) + group - 1) / group)
	blocks := par.Blocks(len(e.free), 16, 64)
	par.New(func(b int) {
		lo, hi := par.Bounds(len(e.free), blocks, b)
		for _, j := range e.free[lo:hi] {
			for i, row := range rows {
				row[j] = e.sub(row[j], e.dot(coef[i][:k], e.col[j]))
			}
		}
	}).Run(blocks)
	for i, row := range rows {
		e.addReduced(row, coef[i], k)
	}
	return len(e.pivot) - k
}

// addReduced takes up an equation that has been reduced by the first k.
func (e *echelon) addReduced(row, coef []uint64, k int) {
	for t := k; t < len(e.pivot); t++ {
		j := e.pivot[t]
		coef = append(coef, e.sub(row[j], e.dot(coef[k:], e.col[j][k:])))
	}
	at := -1
	for f, j := range e.free {
		row[j] = e.sub(row[j], e.dot(coef[k:], e.col[j][k:]))
		if at < 0 && row[j] != 0 {
			at = f
		}
	}
	if at < 0 {
		return
	}
	p := e.free[at]
	c := e.inverse(row[p])
	for _, j := range e.free {
		if j != p {
			e.col[j] = append(e.col[j], e.mul(c, row[j]))
		}
	}
	e.pivot = append(e.pivot, p)
	e.free = append(e.free[:at], e.free[at+1:]...)
}

// solution is a solution drawn uniformly.
func (e *echelon) solution(rng *rand.Rand) []uint64 {
	x := make([]uint64, len(e.col))
	sum := make([]uint64, len(e.pivot))
	take := func(j int) {
		if x[j] == 0 {
			return
		}
		for t, v := range e.col[j] {
			sum[t] = e.add(sum[t], e.mul(v, x[j]))
		}
	}
	for _, j := range e.free {
		x[j] = rng.Uint64N(e.p)
		take(j)
	}
	for t := len(e.pivot) - 1; t >= 0; t-- {
		j := e.pivot[t]
		x[j] = e.sub(0, sum[t])
		take(j)
	}
	return x
}
