// One layer of torch.nn.GRU for training on a processor: what bench/train_fast.py compiles.
//
// Per frame one product of matrices and one pass over the gates; the products over all frames at once are in bfloat16,
// states and their gradients in float32. Gates are kept in the order of torch (reset, update, new), in bfloat16, too.
#include <torch/extension.h>

#include <cmath>
#include <cstdint>
#include <cstring>

using at::Tensor;
using half = uint16_t;  // the upper half of a float32

static inline float wide(half value) {
  uint32_t bits = static_cast<uint32_t>(value) << 16;
  float out;
  std::memcpy(&out, &bits, sizeof out);
  return out;
}

static inline half narrow(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return static_cast<half>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

// Bounded: a quick division by infinity is no number.
static inline float sigmoid(float x) { return 1.0f / (1.0f + expf(fminf(-x, 60.0f))); }
static inline float tangent(float x) { return 1.0f - 2.0f / (1.0f + expf(fminf(2.0f * x, 60.0f))); }

static half* halves(const Tensor& t) { return reinterpret_cast<half*>(t.data_ptr<at::BFloat16>()); }

// A width that is known at compile time makes loops without remainders; 0 stands for any.
template <int WIDTH>
static void step_forward(int64_t rows, int any, half* gates, const float* own, float* out, half* heard, half* out_half,
                         const float* before, const float* bias_new) {
  const int n = WIDTH ? WIDTH : any;
  for (int64_t row = 0; row < rows; row++) {
    half* __restrict g = gates + row * 3 * n;
    const float* __restrict q = own + row * 3 * n;
    float* __restrict o = out + row * n;
    half *__restrict h = heard + row * n, *__restrict oh = out_half + row * n;
    const float* __restrict p = before + row * n;
#pragma GCC ivdep
    for (int k = 0; k < n; k++) {
      const float reset = sigmoid(wide(g[k]) + q[k]), update = sigmoid(wide(g[n + k]) + q[n + k]);
      const float fresh = tangent(wide(g[2 * n + k]) + bias_new[k] + reset * q[2 * n + k]);
      const float y = fresh + update * (p[k] - fresh);
      h[k] = narrow(q[2 * n + k]);
      g[k] = narrow(reset), g[n + k] = narrow(update), g[2 * n + k] = narrow(fresh);
      o[k] = y, oh[k] = narrow(y);
    }
  }
}

// `sums` gathers the gradients of the biases: of reset, update and new inwards, and of new from the state.
template <int WIDTH>
static void step_backward(int64_t rows, int any, const half* gates, const half* heard, const float* before,
                          const float* of_out, half* inwards, half* own, float* own_wide, float* state, float* sums) {
  const int n = WIDTH ? WIDTH : any;
  float* __restrict s = sums;
  for (int64_t row = 0; row < rows; row++) {
    const half *__restrict g = gates + row * 3 * n, *__restrict h = heard + row * n;
    const float *__restrict p = before + row * n, *__restrict d = of_out + row * n;
    half *__restrict a = inwards + row * 3 * n, *__restrict c = own + row * 3 * n;
    float *__restrict f = own_wide + row * 3 * n, *__restrict e = state + row * n;
#pragma GCC ivdep
    for (int k = 0; k < n; k++) {
      const float reset = wide(g[k]), update = wide(g[n + k]), fresh = wide(g[2 * n + k]), v = e[k] + d[k];
      const float of_fresh = v * (1.0f - update) * (1.0f - fresh * fresh);
      const float of_update = v * (p[k] - fresh) * update * (1.0f - update);
      const float of_reset = of_fresh * wide(h[k]) * reset * (1.0f - reset), of_heard = of_fresh * reset;
      a[k] = narrow(of_reset), a[n + k] = narrow(of_update), a[2 * n + k] = narrow(of_fresh);
      c[k] = narrow(of_reset), c[n + k] = narrow(of_update), c[2 * n + k] = narrow(of_heard);
      f[k] = of_reset, f[n + k] = of_update, f[2 * n + k] = of_heard;
      s[k] += of_reset, s[n + k] += of_update, s[2 * n + k] += of_fresh, s[3 * n + k] += of_heard;
      e[k] = v * update;
    }
  }
}

#define FOR_WIDTH(n, CALL) \
  switch (n) {             \
    case 16: CALL(16); break;  \
    case 32: CALL(32); break;  \
    case 48: CALL(48); break;  \
    case 64: CALL(64); break;  \
    case 128: CALL(128); break; \
    default: CALL(0);      \
  }

// x (frames, rows, inputs) and inwards (3 width, inputs) in bfloat16, the rest in float32; state (rows, width).
// Returns the output (frames, rows, width) and what `backward` wants: gates, the state's part of new, the output.
std::vector<Tensor> forward(const Tensor& x, const Tensor& state, const Tensor& inwards, const Tensor& own,
                            const Tensor& bias_inwards, const Tensor& bias_own) {
  const int64_t frames = x.size(0), rows = x.size(1), n = state.size(1);
  Tensor gates = at::mm(x.view({frames * rows, x.size(2)}), inwards.t());
  Tensor out = at::empty({frames, rows, n}, state.options());
  Tensor out_half = at::empty({frames, rows, n}, x.options()), heard = at::empty({frames, rows, n}, x.options());
  Tensor from_state = at::empty({rows, 3 * n}, state.options()), turned = own.t();
  Tensor bias = bias_own.clone();
  bias.slice(0, 0, 2 * n).add_(bias_inwards.slice(0, 0, 2 * n));
  const float* bias_new = bias_inwards.data_ptr<float>() + 2 * n;
  Tensor before = state.contiguous();
  for (int64_t t = 0; t < frames; t++) {
    at::addmm_out(from_state, bias, before, turned);
#define CALL(W)                                                                                                \
  step_forward<W>(rows, n, halves(gates) + t * rows * 3 * n, from_state.data_ptr<float>(),                     \
                  out.data_ptr<float>() + t * rows * n, halves(heard) + t * rows * n,                          \
                  halves(out_half) + t * rows * n, before.data_ptr<float>(), bias_new)
    FOR_WIDTH(n, CALL)
#undef CALL
    before = out[t];
  }
  return {out, gates, heard, out_half};
}

// Gradients of x, state, inwards, own and both biases.
std::vector<Tensor> backward(const Tensor& of_out, const Tensor& of_last, const Tensor& x, const Tensor& state,
                             const Tensor& inwards, const Tensor& own, const Tensor& out, const Tensor& gates,
                             const Tensor& heard, const Tensor& out_half) {
  const int64_t frames = out.size(0), rows = out.size(1), n = out.size(2);
  Tensor given = of_out.contiguous(), first = state.contiguous(), of_state = of_last.contiguous().clone();
  Tensor of_inwards = at::empty({frames * rows, 3 * n}, x.options()), of_own = at::empty_like(of_inwards);
  Tensor of_own_wide = at::empty({rows, 3 * n}, out.options()), sums = at::zeros({4 * n}, out.options());
  for (int64_t t = frames - 1; t >= 0; t--) {
    const float* before = t ? out.data_ptr<float>() + (t - 1) * rows * n : first.data_ptr<float>();
#define CALL(W)                                                                                                     \
  step_backward<W>(rows, n, halves(gates) + t * rows * 3 * n, halves(heard) + t * rows * n, before,                 \
                   given.data_ptr<float>() + t * rows * n, halves(of_inwards) + t * rows * 3 * n,                   \
                   halves(of_own) + t * rows * 3 * n, of_own_wide.data_ptr<float>(), of_state.data_ptr<float>(),    \
                   sums.data_ptr<float>())
    FOR_WIDTH(n, CALL)
#undef CALL
    of_state.addmm_(of_own_wide, own);
  }
  Tensor flat = x.view({frames * rows, x.size(2)}), past = out_half.view({frames * rows, n});
  Tensor of_matrix = at::mm(of_own.slice(0, 0, rows).t(), first.to(at::kBFloat16)).to(at::kFloat);
  if (frames > 1) of_matrix.add_(at::mm(of_own.slice(0, rows).t(), past.slice(0, 0, (frames - 1) * rows)));
  return {at::mm(of_inwards, inwards).view_as(x),
          of_state,
          at::mm(of_inwards.t(), flat).to(at::kFloat),
          of_matrix,
          sums.slice(0, 0, 3 * n).clone(),
          at::cat({sums.slice(0, 0, 2 * n), sums.slice(0, 3 * n)})};
}

PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {
  m.def("forward", &forward);
  m.def("backward", &backward);
}
