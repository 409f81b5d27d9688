using Vms.Ai.Decoding;
using Vms.Ai.Detectors;
using Vms.Ai.Events;
using Vms.Ai.Motion;
using Vms.Hosting;
using Vms.StreamLog;

namespace Vms.Ai.Analysis;

/// <summary>What all streams under analysis share.</summary>
internal sealed record AnalysisParts(
    StreamLogDirectory Logs, PlaneOptions Options, ObjectDetection Detection, PlateReader Plates, FaceDetector Faces, AnalysisEvents Events, LiveBoxes Boxes, GridHandover Grids, HeadHandover Heads, PresetWatch Presets, LoadControl Load,
    DecodeCrashes Crashes, StageTimes Times, TimeProvider Time);
