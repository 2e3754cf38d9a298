//go:build !amd64

package loops

const variant = "generic"

func dot4(out *[4]float64, a *float64, stride int, x *float64, n int) {
	dot4Go(out, a, stride, x, n)
}

func addScaled4(y *float64, c *[4]float64, a *float64, stride int, n int) {
	addScaled4Go(y, c, a, stride, n)
}

func dot(x, y *float64, n int) float64 { return dotGo(x, y, n) }

func addScaled(y *float64, c float64, x *float64, n int) { addScaledGo(y, c, x, n) }
