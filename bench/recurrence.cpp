#include <torch/extension.h>
#include <cmath>
#include <cstdint>
#include <cstring>
using at::Tensor;
typedef uint16_t bf;
static inline float up(bf v){ uint32_t u=(uint32_t)v<<16; float f; std::memcpy(&f,&u,4); return f; }
static inline bf dn(float f){ uint32_t u; std::memcpy(&u,&f,4); return (bf)((u+0x7fffu+((u>>16)&1u))>>16); }
// Bounded: a quick division by infinity is no number.
static inline float sig(float x){ return 1.0f/(1.0f+expf(fminf(-x,60.0f))); }
static inline float th(float x){ return 1.0f-2.0f/(1.0f+expf(fminf(2.0f*x,60.0f))); }
static bf* B16(const Tensor& t){ return reinterpret_cast<bf*>(t.data_ptr<at::BFloat16>()); }

template<int H> static void step_forward(int64_t B, bf* __restrict g, const float* __restrict q, float* __restrict o, bf* __restrict m, bf* __restrict ob16, const float* __restrict p, const float* __restrict bn){
  for(int64_t b=0;b<B;b++){
    bf* __restrict gb=g+b*3*H; const float* __restrict qb=q+b*3*H;
    float* __restrict ob=o+b*H; bf* __restrict mb=m+b*H; const float* __restrict pb=p+b*H; bf* __restrict ol=ob16+b*H;
    #pragma GCC ivdep
    for(int k=0;k<H;k++){
      float r=sig(up(gb[k])+qb[k]), z=sig(up(gb[H+k])+qb[H+k]), hv=qb[2*H+k];
      float n=th(up(gb[2*H+k])+bn[k]+r*hv);
      float y=n+z*(pb[k]-n);
      gb[k]=dn(r); gb[H+k]=dn(z); gb[2*H+k]=dn(n); mb[k]=dn(hv); ob[k]=y; ol[k]=dn(y);
    }
  }
}
template<int H> static void step_backward(int64_t B, const bf* __restrict g, const bf* __restrict m, const float* __restrict p, const float* __restrict dd, bf* __restrict a, bf* __restrict c, float* __restrict cf, float* __restrict e, float* __restrict s){
  for(int64_t b=0;b<B;b++){
    const bf* __restrict gb=g+b*3*H; const bf* __restrict mb=m+b*H; const float* __restrict pb=p+b*H; const float* __restrict db=dd+b*H;
    bf* __restrict ab=a+b*3*H; bf* __restrict cb=c+b*3*H; float* __restrict fb=cf+b*3*H; float* __restrict eb=e+b*H;
    #pragma GCC ivdep
    for(int k=0;k<H;k++){
      float r=up(gb[k]), z=up(gb[H+k]), n=up(gb[2*H+k]);
      float v=eb[k]+db[k];
      float dnn=v*(1.0f-z)*(1.0f-n*n);
      float dz=v*(pb[k]-n)*z*(1.0f-z);
      float dr=dnn*up(mb[k])*r*(1.0f-r);
      float dc=dnn*r;
      ab[k]=dn(dr); ab[H+k]=dn(dz); ab[2*H+k]=dn(dnn);
      cb[k]=dn(dr); cb[H+k]=dn(dz); cb[2*H+k]=dn(dc);
      fb[k]=dr; fb[H+k]=dz; fb[2*H+k]=dc;
      eb[k]=v*z;
      s[k]+=dr; s[H+k]+=dz; s[2*H+k]+=dnn; s[3*H+k]+=dc;
    }
  }
}
#define PICK(H,CALL) switch(H){case 16:CALL(16);break;case 32:CALL(32);break;case 48:CALL(48);break;case 64:CALL(64);break;case 96:CALL(96);break;case 128:CALL(128);break;case 160:CALL(160);break;case 192:CALL(192);break;case 256:CALL(256);break;default:TORCH_CHECK(false,"width");}

// x (T,B,I) bf16; h0 (B,H) f32; wi bf16 (3H,I); wh f32; bi f32
std::vector<Tensor> forward(const Tensor& x, const Tensor& h0, const Tensor& wi, const Tensor& wh, const Tensor& bi, const Tensor& bh){
  const int64_t T=x.size(0), B=x.size(1), H=h0.size(1);
  auto f32=h0.options();
  Tensor gates=at::mm(x.view({T*B,x.size(2)}), wi.t());  // bf16; the biases come with gh
  Tensor out=at::empty({T,B,H}, f32), out16=at::empty({T,B,H}, x.options()), hn=at::empty({T,B,H}, x.options());
  Tensor gh=at::empty({B,3*H}, f32);
  Tensor both=bh.clone(); both.slice(0,0,2*H).add_(bi.slice(0,0,2*H));
  const float* bn=bi.data_ptr<float>()+2*H;
  Tensor wht=wh.t();
  Tensor prev=h0.contiguous();
  for(int64_t t=0;t<T;t++){
    at::addmm_out(gh, both, prev, wht);
    bf* g=B16(gates)+t*B*3*H; float* o=out.data_ptr<float>()+t*B*H;
    #define CALL(W) step_forward<W>(B,g,gh.data_ptr<float>(),o,B16(hn)+t*B*W,B16(out16)+t*B*W,prev.data_ptr<float>(),bn)
    PICK(H,CALL)
    #undef CALL
    prev=out[t];
  }
  return {out,gates,hn,out16};
}

std::vector<Tensor> backward(const Tensor& dout, const Tensor& dlast, const Tensor& x, const Tensor& h0, const Tensor& wi, const Tensor& wh,
                             const Tensor& out, const Tensor& gates, const Tensor& hn, const Tensor& out16){
  const int64_t T=out.size(0), B=out.size(1), H=out.size(2);
  Tensor d=dout.contiguous();
  Tensor dh=dlast.contiguous().clone();
  Tensor dgi=at::empty({T*B,3*H}, x.options()), dgh=at::empty({T*B,3*H}, x.options()), cf=at::empty({B,3*H}, out.options()), sums=at::zeros({4*H}, out.options());
  Tensor h0c=h0.contiguous();
  for(int64_t t=T-1;t>=0;t--){
    const float* p=(t?out.data_ptr<float>()+(t-1)*B*H:h0c.data_ptr<float>());
    #define CALL(W) step_backward<W>(B,B16(gates)+t*B*3*W,B16(hn)+t*B*W,p,d.data_ptr<float>()+t*B*W,B16(dgi)+t*B*3*W,B16(dgh)+t*B*3*W,cf.data_ptr<float>(),dh.data_ptr<float>(),sums.data_ptr<float>())
    PICK(H,CALL)
    #undef CALL
    dh.addmm_(cf, wh);
  }
  Tensor dwi=at::mm(dgi.t(), x.view({T*B,x.size(2)})).to(at::kFloat);
  Tensor dwh=at::mm(dgh.slice(0,0,B).t(), h0c.to(at::kBFloat16)).to(at::kFloat);
  if(T>1) dwh.add_(at::mm(dgh.slice(0,B).t(), out16.view({T*B,H}).slice(0,0,(T-1)*B)));
  Tensor dx=at::mm(dgi, wi).view_as(x);
  Tensor dbi=sums.slice(0,0,3*H).clone(), dbh=at::cat({sums.slice(0,0,2*H),sums.slice(0,3*H)});
  return {dx, dh, dwi, dwh, dbi, dbh};
}
PYBIND11_MODULE(TORCH_EXTENSION_NAME, m){ m.def("forward",&forward); m.def("backward",&backward); }
