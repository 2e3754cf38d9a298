// Package problem holds the objectives of the two papers, over the factors of
// M = UVᵀ or M = UUᵀ.
//
//	config            objective                                          paper
//	Sensing           ½‖𝒜(M) − b‖² or 1/(2m)‖𝒜(M) − b‖²               [G](3),(10), [L](IV.1)
//	GaussianSensing   the same with Gaussian 𝒜 and a random truth
//	Completion        1/(2p)‖(M − M*)_Ω‖²                              [G](4),(11) without Q
//	Balance           any of them + (μ/4)‖UᵀU − VᵀV‖²                   [G] §5, [L](IV.1)
//
// [G] is Ge, Jin, Zheng 2017, arXiv:1704.00708; [L] is Li, Li, Zhu, Tang,
// Wakin 2020, arXiv:2003.10981.
//
// A config is a struct literal whose New checks it and returns the problem.
// Every problem has value, gradient and Hessian-vector products, and passes
// package lowranktest's TestProblem.
package problem
