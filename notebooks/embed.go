// Package notebooks holds the project's notebooks, so that the lowrank command
// has them without a checkout.
package notebooks

import "embed"

// FS holds every notebook, NAME.ipynb, without outputs.
//
//go:embed *.ipynb
var FS embed.FS
