//go:build !amd64

package loops

func threshold(dst, d *float64, n int, u *float64, k int, vt *float64, stride int, zeta float64) (sum float64, kept int) {
	return thresholdGo(dst, d, n, u, k, vt, stride, zeta)
}
