using Microsoft.ML.OnnxRuntime;

namespace Vms.Ai.Models.Onnx;

/// <summary>
/// The tensors of runs of one shape, pinned once and used again: a run allocates nothing. One caller at a time; the session outlives it.
/// </summary>
internal sealed class OnnxTensors : IDisposable
{
    /// <summary>What a model may give back in one run: 256 MiB.</summary>
    private const long MostOutputElements = 64 << 20;

    private readonly OnnxSession _session;
    private readonly float[] _input;
    private readonly float[][] _outputs;
    private readonly long[][] _shapes;
    private readonly OrtValue[] _inputValues;
    private readonly OrtValue[] _outputValues;

    /// <summary>Runs the model once to learn what it gives back.</summary>
    /// <exception cref="ModelException">It does not take this shape, or gives back what nobody reads.</exception>
    internal OnnxTensors(OnnxSession session, long[] inputShape)
    {
        _session = session;
        _input = new float[checked((int)Elements(inputShape))];
        _inputValues = [OrtValue.CreateTensorValueFromMemory(_input, inputShape)];
        try
        {
            using var first = session.RunOnce(_inputValues);
            _shapes = new long[first.Count][];
            _outputs = new float[first.Count][];
            _outputValues = new OrtValue[first.Count];
            for (int i = 0; i < first.Count; i++)
            {
                _shapes[i] = first[i].GetTensorTypeAndShape().Shape;
                long elements = Elements(_shapes[i]);
                if (elements > MostOutputElements)
                    throw new ModelException($"{session.Name}: output {i} has {elements} numbers; at most {MostOutputElements} are read");
                _outputs[i] = new float[elements];
                _outputValues[i] = OrtValue.CreateTensorValueFromMemory(_outputs[i], _shapes[i]);
            }
        }
        catch
        {
            _inputValues[0].Dispose();
            foreach (var value in _outputValues ?? [])
                value?.Dispose();
            throw;
        }
    }

    /// <summary>To be filled before <see cref="Run"/>.</summary>
    internal Span<float> Input => _input;

    internal int OutputCount => _outputs.Length;

    /// <summary>What the last run gave; valid until the next one.</summary>
    internal ReadOnlySpan<float> Output(int index) => _outputs[index];

    internal ReadOnlySpan<long> ShapeOf(int output) => _shapes[output];

    /// <exception cref="ModelException">The run failed.</exception>
    internal void Run() => _session.Run(_inputValues, _outputValues);

    public void Dispose()
    {
        _inputValues[0].Dispose();
        foreach (var value in _outputValues)
            value.Dispose();
    }

    private static long Elements(ReadOnlySpan<long> shape)
    {
        long elements = 1;
        foreach (long side in shape)
            elements = checked(elements * Math.Max(0, side));
        return elements;
    }
}
