package loops

//go:noescape
func thresholdAVX2(dst, d *float64, n int, u *float64, k int, vt *float64, stride int, zeta float64) (sum float64, kept int)

func threshold(dst, d *float64, n int, u *float64, k int, vt *float64, stride int, zeta float64) (sum float64, kept int) {
	if useAVX2 {
		return thresholdAVX2(dst, d, n, u, k, vt, stride, zeta)
	}
	return thresholdGo(dst, d, n, u, k, vt, stride, zeta)
}
