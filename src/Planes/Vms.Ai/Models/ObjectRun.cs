using Vms.Ai.Detectors;
using Vms.Ai.Models.Onnx;

namespace Vms.Ai.Models;

/// <summary>Runs a detector on up to <see cref="ObjectModel.MostPictures"/> parts of pictures at a time. One caller at a time; allocates results alone.</summary>
internal sealed class ObjectRun : IDisposable
{
    /// <summary>Below it is noise: whoever asks for everything would get thousands of boxes.</summary>
    private const float LowestScore = 0.05f;

    private readonly ObjectModel _model;
    private readonly TensorWriter _writer;
    private readonly OnnxTensors?[] _tensors = new OnnxTensors?[ObjectModel.MostPictures];   // by how many pictures, made when first needed
    private readonly Box[] _squares = new Box[ObjectModel.MostPictures];
    private readonly List<Candidate> _candidates = [];
    private OnnxTensors _current;

    /// <exception cref="ModelException">The model gives back what its adapter does not read.</exception>
    internal ObjectRun(ObjectModel model)
    {
        _model = model;
        _writer = new TensorWriter(model.Input);
        _current = TensorsFor(1);
        try
        {
            model.Head.Check(_current, model.Input, model.Labels.Length);
            MostPictures = model.Batches && AnswersEach() ? ObjectModel.MostPictures : 1;
        }
        catch (ModelException e)
        {
            Dispose();
            throw new ModelException($"{model.Name}: {e.Message}", e);
        }
    }

    /// <summary>Of one run.</summary>
    internal int MostPictures { get; }

    /// <summary>The next run has so many pictures, each of which is put before it.</summary>
    internal void Begin(int pictures) => _current = TensorsFor(pictures);

    internal void Put(int index, Picture picture, in Box region) =>
        _squares[index] = _writer.Write(picture, region, _current.Input.Slice(index * _model.Input.Elements, _model.Input.Elements));

    /// <exception cref="ModelException">The run failed.</exception>
    internal void Run() => _current.Run();

    /// <summary>What was found in one of the pictures, best first.</summary>
    internal IReadOnlyList<Detection> Read(int index, float minScore)
    {
        _candidates.Clear();
        _model.Head.Read(_current, index, _model.Input, _model.Labels.Length, Math.Max(_model.Scores.ModelsFor(minScore), LowestScore), _candidates);
        Suppression.Apply(_candidates, _model.Head.SuppressionOverlap);
        if (_candidates.Count == 0)
            return [];
        var found = new List<Detection>(_candidates.Count);
        foreach (var candidate in _candidates)
        {
            Box box = _squares[index].Place(candidate.Box).Clipped();
            if (box.Area > 0)
                found.Add(new Detection(_model.Labels[candidate.Label], _model.Scores.Means(candidate.Score), box));
        }

        return found;
    }

    public void Dispose()
    {
        _writer.Dispose();
        foreach (var tensors in _tensors)
            tensors?.Dispose();
    }

    /// <summary>Some exports say that they take several pictures and answer one.</summary>
    private bool AnswersEach()
    {
        try
        {
            var two = TensorsFor(2);
            for (int i = 0; i < two.OutputCount; i++)
            {
                if (two.ShapeOf(i)[0] != 2 || !two.ShapeOf(i)[1..].SequenceEqual(_current.ShapeOf(i)[1..]))
                    return false;
            }

            return true;
        }
        catch (ModelException)
        {
            return false;
        }
    }

    private OnnxTensors TensorsFor(int pictures) =>
        _tensors[pictures - 1] ??= new OnnxTensors(_model.Session, _model.Input.Shape(pictures));
}
