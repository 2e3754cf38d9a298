// Package gomacro holds the symbol tables through which cells that gomacro
// interprets reach compiled packages: this project's, gonum and gonum/plot.
//
// Importing it for its side effect enters the tables in gomacro's registry;
// it serves the engine of this project and stock gophernotes alike. The files
// bind_*.go are generated; the list of packages is in kernelext/bindings/gen.
package gomacro

//go:generate go run ../gen
