using Microsoft.ML.OnnxRuntime;
using OnnxOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace Vms.Ai.Models.Onnx;

/// <summary>How models are run: on the first of these that the machine has.</summary>
internal enum OnnxProvider
{
    TensorRt,
    Cuda,
    Cpu,
}

/// <summary>Options of every session of the process.</summary>
internal sealed record OnnxRuntimeOptions(OnnxProvider Provider)
{
    internal static OnnxRuntimeOptions Cpu { get; } = new(OnnxProvider.Cpu);

    /// <summary>One thread in a session: with two that wait by spinning, busy machines take twice the time (15 ms become 32 to 43). More work at a time is more workers.</summary>
    private const int ThreadsPerRun = 1;

    /// <summary>What the operator wants, or else CUDA where the libraries and a device are there. TensorRT is not taken unasked: it prepares a model for minutes.</summary>
    /// <exception cref="ModelException">It is not to be had; the message says why.</exception>
    internal static OnnxRuntimeOptions Choose(OnnxProvider? wanted)
    {
        try
        {
            if (wanted is { } provider)
                return Tried(provider);
            return OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider") ? TryCuda() : Cpu;
        }
        catch (Exception e) when (OnnxSession.IsOfRuntime(e))
        {
            throw new ModelException($"models cannot run{(wanted is { } p ? $" on {p}" : "")}: {OnnxSession.Reason(e)}", e);
        }
    }

    private static OnnxRuntimeOptions TryCuda()
    {
        try
        {
            return Tried(OnnxProvider.Cuda);
        }
        catch (OnnxRuntimeException)
        {
            return Cpu;     // the program has it, this machine has not
        }
    }

    /// <summary>Its libraries are loaded where its options are made.</summary>
    private static OnnxRuntimeOptions Tried(OnnxProvider provider)
    {
        var options = new OnnxRuntimeOptions(provider);
        options.ToSessionOptions().Dispose();
        return options;
    }

    internal OnnxOptions ToSessionOptions()
    {
        var options = new OnnxOptions
        {
            IntraOpNumThreads = ThreadsPerRun,
            InterOpNumThreads = ThreadsPerRun,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,   // it writes to stderr; what matters is thrown
        };
        try
        {
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            if (Provider == OnnxProvider.TensorRt)
                options.AppendExecutionProvider_Tensorrt(0);
            if (Provider is OnnxProvider.TensorRt or OnnxProvider.Cuda)
                options.AppendExecutionProvider_CUDA(0);
            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }
}
