// Package jupyter serves an engine to Jupyter clients: the messaging protocol
// 5.4 over ZeroMQ. It knows engines only through the interface of
// kernelext/engine.
//
// Requests on the shell channel are answered in order; the control channel
// (interrupt, shutdown) is answered at once, also while a cell runs. A message
// whose signature or shape is wrong is dropped, counted and logged, and a
// connection that announces a frame beyond [MaxFrame] is closed.
package jupyter
