using Vms.Ai.Crashes;
using Vms.Ai.Models;
using Vms.Ai.Models.Onnx;
using Vms.Ai.Models.Plates;
using TextReader = Vms.Ai.Models.Plates.TextReader;

namespace Vms.Ai.Detectors;

/// <summary>
/// Reads number plates of vehicles: finds lines of text where the vehicle is, reads the surest of them and takes those that a plate of the country can be. One at a
/// time, few may wait. Any thread.
/// </summary>
internal sealed class PlateReader(ModelCatalogue catalogue, DetectorPool detectors, ModelCrashes crashes) : IDisposable
{
    private const int MostWaiting = 8;

    /// <summary>Lines of text that are read on one vehicle: stickers and advertisements are text, too.</summary>
    private const int MostLines = 5;

    /// <summary>A plate is wider than high, also one in two lines, of which each is read alone.</summary>
    private const float LeastShape = 1.2f;

    private const float LeastConfidence = 0.4f;

    private readonly SemaphoreSlim _one = new(1);
    private Models? _models;                // loaded by the first look; of the one that looks, as what follows
    private bool _isEnded;
    private int _waiting;
    private long _refused;

    private sealed record Models(OnnxSession FinderSession, OnnxSession ReaderSession, TextFinder Finder, TextReader Reader, string FinderKey, string ReaderKey) : IDisposable
    {
        public void Dispose()
        {
            Finder.Dispose();
            Reader.Dispose();
            FinderSession.Dispose();
            ReaderSession.Dispose();
        }
    }

    /// <summary>Vehicles that were not looked at, because as many waited as may.</summary>
    internal long Refused => Volatile.Read(ref _refused);

    /// <param name="picture">Borrowed until the task is done.</param>
    /// <param name="vehicle">Where to look.</param>
    /// <param name="country">Two letters, "EU" or "US"; what is not known is Europe.</param>
    /// <returns>Null when there is nothing that is a plate, or too much to be done.</returns>
    /// <exception cref="ModelException">The models cannot be used.</exception>
    internal async ValueTask<PlateReading?> ReadAsync(Picture picture, Box vehicle, string country, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            Interlocked.Increment(ref _refused);
            return null;
        }

        try
        {
            await _one.WaitAsync(cancellationToken);
            try
            {
                return _isEnded ? null : await Task.Run(() => Read(picture, vehicle, PlateFormat.Of(country)), CancellationToken.None);
            }
            finally
            {
                _one.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Waits for the look that goes on: the models are its own until then. Those that come behind it find nothing.</summary>
    public void Dispose()
    {
        _one.Wait();
        _isEnded = true;
        _models?.Dispose();
        _models = null;
        _one.Release();     // not disposed: others may wait for it, and it holds nothing
    }

    private PlateReading? Read(Picture picture, in Box vehicle, PlateFormat format)
    {
        var models = _models ??= Load();
        PlateReading? best = null;
        int lines = 0;
        foreach (var place in Find(models, picture, vehicle))
        {
            var (_, _, width, height) = TensorWriter.PixelsOf(picture, place.Box);
            if (width < height * LeastShape)
                continue;
            var (text, confidence) = Read(models, picture, place.Box);
            if (confidence >= LeastConfidence && confidence > (best?.Confidence ?? 0) && format.Read(text) is { } plate)
                best = new PlateReading(plate, confidence, place.Box);
            if (++lines == MostLines)
                break;
        }

        return best;
    }

    private IReadOnlyList<TextPlace> Find(Models models, Picture picture, in Box vehicle)
    {
        CrashBook.Dealing running = crashes.Begin(models.FinderKey);
        try
        {
            return models.Finder.Find(picture, vehicle);
        }
        finally
        {
            running.End();
        }
    }

    private TextReading Read(Models models, Picture picture, in Box line)
    {
        CrashBook.Dealing running = crashes.Begin(models.ReaderKey);
        try
        {
            return models.Reader.Read(picture, line);
        }
        finally
        {
            running.End();
        }
    }

    private Models Load()
    {
        var (finderSession, finderManifest) = Open(ShippedModels.TextFinder);
        try
        {
            var (readerSession, readerManifest) = Open(ShippedModels.TextReader);
            try
            {
                return new Models(
                    finderSession, readerSession, new TextFinder(finderSession, finderManifest), new TextReader(readerSession, readerManifest),
                    ModelCrashes.KeyOf(ShippedModels.TextFinder, finderManifest), ModelCrashes.KeyOf(ShippedModels.TextReader, readerManifest));
            }
            catch (ModelException)
            {
                readerSession.Dispose();
                throw;
            }
        }
        catch (ModelException)
        {
            finderSession.Dispose();
            throw;
        }
    }

    private (OnnxSession Session, ModelManifest Manifest) Open(string name)
    {
        var entry = catalogue.Find(name) ?? throw new ModelException($"There is no model '{name}': number plates are not read. it comes with the product");
        byte[] model = ModelCatalogue.Bytes(entry);
        string key = ModelCrashes.KeyOf(name, entry.Manifest!);
        crashes.Check(name, key);
        CrashBook.Dealing loading = crashes.Begin(key);
        try
        {
            return (OnnxSession.Open(name, model, detectors.Runtime), entry.Manifest!);
        }
        finally
        {
            loading.End();
        }
    }
}
