package loops

import (
	"math"
	"math/rand/v2"
	"testing"
)

func random(rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

// near compares with the rounding error that n summands may have.
func near(t *testing.T, what string, n int, got, want, scale float64) {
	t.Helper()
	if math.Abs(got-want) > 4e-16*float64(n+4)*(scale+1) {
		t.Fatalf("%s, n = %d: got %v, want %v", what, n, got, want)
	}
}

func TestLoopsAgreeWithTheirTwins(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := 1; n < 130; n++ {
		stride := n + rng.IntN(5)
		a, x, y := random(rng, 3*stride+n), random(rng, n), random(rng, n)
		c := [4]float64{1.5, -2, 0.25, 3}

		var got, want [4]float64
		Dot4(&got, a, stride, x)
		dot4Go(&want, &a[0], stride, &x[0], n)
		for k := range got {
			near(t, "Dot4", n, got[k], want[k], float64(n))
		}
		near(t, "Dot", n, Dot(x, y), dotGo(&x[0], &y[0], n), float64(n))

		y1, y2 := append([]float64(nil), y...), append([]float64(nil), y...)
		AddScaled4(y1, &c, a, stride)
		addScaled4Go(&y2[0], &c, &a[0], stride, n)
		for i := range y1 {
			near(t, "AddScaled4", 8, y1[i], y2[i], 10)
		}
		AddScaled(y1, -0.7, x)
		addScaledGo(&y2[0], -0.7, &x[0], n)
		for i := range y1 {
			near(t, "AddScaled", 8, y1[i], y2[i], 10)
		}
	}
}

func TestLoopsStayInside(t *testing.T) {
	const guard = 12345.0
	for n := range 40 {
		buf := make([]float64, n+2)
		buf[0], buf[n+1] = guard, guard
		x := make([]float64, 4*n+4)
		AddScaled(buf[1:n+1], 2, x[:n])
		AddScaled4(buf[1:n+1], &[4]float64{1, 2, 3, 4}, x, n)
		if buf[0] != guard || buf[n+1] != guard {
			t.Fatalf("n = %d: wrote outside its slice", n)
		}
	}
}

func TestEmpty(t *testing.T) {
	out := [4]float64{1, 2, 3, 4}
	Dot4(&out, nil, 0, nil)
	if out != [4]float64{} || Dot(nil, nil) != 0 {
		t.Fatal("an empty product is not 0")
	}
	AddScaled(nil, 1, nil)
	AddScaled4(nil, &out, nil, 0)
}

func BenchmarkDot4(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	a, x := random(rng, 8000), random(rng, 2000)
	var out [4]float64
	for name, f := range map[string]func(){
		"variant": func() { Dot4(&out, a, 2000, x) },
		"go":      func() { dot4Go(&out, &a[0], 2000, &x[0], 2000) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(8 * 8000)
			for b.Loop() {
				f()
			}
		})
	}
}
