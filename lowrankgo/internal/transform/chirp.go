package transform

import (
	"math"

	"gonum.org/v1/gonum/dsp/fourier"
)

// chirp computes the sums of a cosine transform for any n by a convolution of a
// length that is a power of two (Bluestein 1970): since
// 2ij = i² + j² − (i−j)²,
//
//	Σⱼ xⱼ e^(−ιπ i(2j+1)/2n) = pᵢ Σⱼ (xⱼ qⱼ) e^(ιπ(i−j)²/2n),
//	pᵢ = e^(−ιπ(i²+i)/2n),  qⱼ = e^(−ιπ j²/2n),
//
// and the transposed sums swap p and q.
type chirp struct {
	plan   *fourier.CmplxFFT
	p, q   []complex128
	kernel []complex128 // the transform of e^(ιπk²/2n), over the plan's length
	work   []complex128
}

func newChirp(n int) *chirp {
	size := 1
	for size < 2*n-1 {
		size *= 2
	}
	c := &chirp{
		plan: fourier.NewCmplxFFT(size),
		p:    make([]complex128, n), q: make([]complex128, n),
		kernel: make([]complex128, size), work: make([]complex128, size),
	}
	for i := range n {
		c.p[i], c.q[i] = turn(-(i*i+i), n), turn(-i*i, n)
		w := turn(i*i, n) / complex(float64(size), 0) // the inverse FFT's scale
		c.kernel[i] = w
		c.kernel[(size-i)%size] = w
	}
	c.plan.Coefficients(c.kernel, c.kernel)
	return c
}

// turn is e^(ιπk/2n); the angle is reduced exactly.
func turn(k, n int) complex128 {
	s, c := math.Sincos(math.Pi * float64(k%(4*n)) / float64(2*n))
	return complex(c, s)
}

// sums replaces x by Re pᵢ Σⱼ xⱼ qⱼ e^(ιπ(i−j)²/2n).
func (c *chirp) sums(x []float64, p, q []complex128) {
	for j, v := range x {
		c.work[j] = complex(float64(v*real(q[j])), float64(v*imag(q[j])))
	}
	clear(c.work[len(x):])
	c.plan.Coefficients(c.work, c.work)
	for k, w := range c.kernel {
		c.work[k] = product(c.work[k], w)
	}
	c.plan.Sequence(c.work, c.work)
	for i := range x {
		x[i] = real(product(c.work[i], p[i]))
	}
}

// product is a·b with each product rounded before it is added.
func product(a, b complex128) complex128 {
	return complex(float64(real(a)*real(b))-float64(imag(a)*imag(b)), float64(real(a)*imag(b))+float64(imag(a)*real(b)))
}
