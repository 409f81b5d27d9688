using System.Text;
using Vms.Ai.Detectors;
using Vms.Ai.Models.Onnx;

namespace Vms.Ai.Models.Plates;

/// <param name="Confidence">0..1: of its characters on average.</param>
internal readonly record struct TextReading(string Text, float Confidence);

/// <summary>
/// Reads one line of text (CRNN with CTC, as PaddleOCR exports it): for each of some 4 pixels how likely each character is there, or none. Only what stands on number plates is
/// looked for; small letters count as capitals. One caller at a time.
/// </summary>
internal sealed class TextReader : IDisposable
{
    /// <summary>Class 0 stands for no character.</summary>
    private const int Blank = 0;

    /// <summary>Lines are as long as their text: so many lengths are prepared.</summary>
    private const int WidthStep = 32;
    private const int NarrowestWidth = 64;

    private readonly OnnxSession _session;
    private readonly ModelManifest _manifest;
    private readonly (int Class, char Character)[] _alphabet;
    private readonly Dictionary<int, Length> _lengths = [];

    private sealed record Length(ModelInput Input, TensorWriter Writer, OnnxTensors Tensors);

    internal TextReader(OnnxSession session, ModelManifest manifest)
    {
        (_session, _manifest) = (session, manifest);
        _alphabet = [.. manifest.Labels.Select((label, i) => (Class: i + 1, Label: label)).Where(c => c.Label.Length == 1 && IsOnPlates(c.Label[0])).Select(c => (c.Class, char.ToUpperInvariant(c.Label[0])))];
        var tensors = Prepare(NarrowestWidth).Tensors;
        // One class for no character, and one behind the labels for the gap.
        if (tensors.OutputCount != 1 || tensors.ShapeOf(0) is not [1, _, var classes] || classes != manifest.Labels.Count + 2)
            throw new ModelException($"{session.Name}: a text reader gives [1,places,{manifest.Labels.Count + 2}] for its {manifest.Labels.Count} characters; this model does not");
    }

    internal TextReading Read(Picture picture, in Box line)
    {
        var (_, _, width, height) = TensorWriter.PixelsOf(picture, line);
        int wanted = (int)Math.Ceiling((double)_manifest.Height * width / height / WidthStep) * WidthStep;
        var (_, writer, tensors) = Prepare(Math.Clamp(wanted, NarrowestWidth, _manifest.Width));
        writer.Write(picture, line, tensors.Input);
        tensors.Run();
        return Decode(tensors.Output(0), (int)tensors.ShapeOf(0)[2]);
    }

    public void Dispose()
    {
        foreach (var (_, writer, tensors) in _lengths.Values)
        {
            writer.Dispose();
            tensors.Dispose();
        }
    }

    /// <summary>The most likely character at each place, of which neighbours that are the same count once.</summary>
    internal TextReading Decode(ReadOnlySpan<float> output, int classes)
    {
        var text = new StringBuilder();
        int before = Blank;
        float sum = 0;
        for (int at = 0; at + classes <= output.Length; at += classes)
        {
            int best = Blank;
            char character = '\0';
            float likely = output[at];
            foreach (var (number, meant) in _alphabet)
            {
                if (output[at + number] > likely)
                    (best, character, likely) = (number, meant, output[at + number]);
            }

            if (best != Blank && best != before)
            {
                text.Append(character);
                sum += likely;
            }

            before = best;
        }

        return new TextReading(text.ToString(), text.Length == 0 ? 0 : sum / text.Length);
    }

    private Length Prepare(int width)
    {
        if (_lengths.TryGetValue(width, out var length))
            return length;
        var input = new ModelInput(
            width, _manifest.Height, PlanesFirst: true, RedFirst: false, KeepShape: true, 127, ModelInput.All(127.5f), ModelInput.All(1 / 127.5f));
        return _lengths[width] = new Length(input, new TensorWriter(input), new OnnxTensors(_session, input.Shape(1)));
    }

    private static bool IsOnPlates(char c) => char.IsAsciiLetterOrDigit(c) || c is 'Ä' or 'Ö' or 'Ü';
}
