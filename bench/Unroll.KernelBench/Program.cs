using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Unroll.Basics;
using Unroll.KernelBench;

// One thread: what a kernel does, not how work is divided. In this process, since the kernels are internal.
Threads.Count = 1;
IConfig config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
BenchmarkSwitcher.FromAssembly(typeof(ProductBenchmarks).Assembly).Run(args, config);
