using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Vms.Ai.Models.Onnx;

/// <summary>One model, loaded: one float input, float outputs. Any thread; each brings <see cref="OnnxTensors"/> of its own.</summary>
internal sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly string[] _inputs;
    private readonly string[] _outputs;

    private OnnxSession(string name, InferenceSession session)
    {
        Name = name;
        _session = session;
        _inputs = [.. session.InputNames];
        _outputs = [.. session.OutputNames];
        if (_inputs.Length != 1)
            throw new ModelException($"{name}: it has {_inputs.Length} inputs; one is expected, the picture");
        var input = session.InputMetadata[_inputs[0]];
        if (!input.IsTensor || input.ElementDataType != TensorElementType.Float)
            throw new ModelException($"{name}: its input is no tensor of 32-bit floats");
        InputShape = [.. input.Dimensions.Select(d => (long)d)];
        foreach (string output in _outputs)
        {
            var meta = session.OutputMetadata[output];
            if (!meta.IsTensor || meta.ElementDataType != TensorElementType.Float)
                throw new ModelException($"{name}: its output '{output}' is no tensor of 32-bit floats");
        }
    }

    /// <summary>For messages.</summary>
    internal string Name { get; }

    /// <summary>-1 where any length is taken.</summary>
    internal IReadOnlyList<long> InputShape { get; }

    internal IReadOnlyList<string> OutputNames => _outputs;

    /// <exception cref="ModelException">ONNX Runtime is missing or does not take the file; the message says why.</exception>
    internal static OnnxSession Open(string name, byte[] model, OnnxRuntimeOptions runtime)
    {
        InferenceSession? session = null;
        try
        {
            using var options = runtime.ToSessionOptions();
            session = new InferenceSession(model, options);
            return new OnnxSession(name, session);
        }
        catch (Exception e) when (IsOfRuntime(e))
        {
            session?.Dispose();
            throw new ModelException($"{name}: {Reason(e)}", e);
        }
        catch (ModelException)
        {
            session?.Dispose();
            throw;
        }
    }

    internal IDisposableReadOnlyCollection<OrtValue> RunOnce(IReadOnlyCollection<OrtValue> inputs)
    {
        try
        {
            return _session.Run(_runOptions, _inputs, inputs, _outputs);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelException($"{Name}: {Reason(e)}", e);
        }
    }

    internal void Run(IReadOnlyCollection<OrtValue> inputs, IReadOnlyCollection<OrtValue> outputs)
    {
        try
        {
            _session.Run(_runOptions, _inputs, inputs, _outputs, outputs);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelException($"{Name}: {Reason(e)}", e);
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _runOptions.Dispose();
    }

    /// <summary>What ONNX Runtime throws, at its first use the loader's own among it.</summary>
    internal static bool IsOfRuntime(Exception e) => e is OnnxRuntimeException or DllNotFoundException or EntryPointNotFoundException or TypeInitializationException or BadImageFormatException;

    internal static string Reason(Exception e) => e is TypeInitializationException { InnerException: { } inner } ? Reason(inner)
        : e is OnnxRuntimeException ? e.Message
        : $"ONNX Runtime cannot be loaded ({e.Message})";
}
